import type { Bodies } from './body.ts';
import type { Finding } from './finding.ts';
import type { CatalogLayer, Layers } from './layers.ts';
import type { AgentMeta, SkillMeta, Tag } from './schemas.ts';
import type { Placed, Vocabulary } from './vocabulary.ts';

/** One thing that an agent may not do, and the layer that said so first. */
export interface EffectiveCapability {
  readonly id: string;
  readonly from: string;
}

export interface CatalogAgent {
  /** As its own layer has it. */
  readonly meta: AgentMeta;
  /** Its own capabilities and what later layers add; nothing is ever taken away. */
  readonly capabilities: readonly EffectiveCapability[];
  readonly bodies: Bodies;
  readonly layer: CatalogLayer;
  readonly folder: string;
}

export interface CatalogSkill {
  readonly meta: SkillMeta;
  readonly bodies: Bodies;
  readonly layer: CatalogLayer;
  readonly folder: string;
}

export interface CatalogTag extends Placed<Tag> {
  readonly layer: CatalogLayer;
}

export interface Catalog {
  readonly layers: Layers;
  /** Sorted by id, like skills. */
  readonly agents: readonly CatalogAgent[];
  readonly skills: readonly CatalogSkill[];
  /** In the order of the files, the built-in ones first. */
  readonly tags: readonly CatalogTag[];
  readonly vocabulary: Vocabulary;
  /** What is wrong. An item with a fault of its own is left out; the others are not touched by it. */
  readonly findings: readonly Finding[];
}

export type Report = (finding: Finding) => void;
