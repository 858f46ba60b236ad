import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';

import { bodyHash } from './body.ts';
import type { Catalog, CatalogAgent, CatalogSkill } from './catalog.ts';
import {
  AgentMetaSchema,
  CapabilitySchema,
  CategorySchema,
  InvocationSchema,
  MemoryPolicySchema,
  ResumeTierSchema,
  SkillMetaSchema,
  TagSchema,
  TaskExceptionSchema,
} from './schemas.ts';

/** Where the manifest of the built-in layer lies, below its folder. */
export const MANIFEST_FILE = 'manifest.json';

/** Version of the shape, as the contract states it. */
const SCHEMA_CONTRACT_VERSION = '2.0';

const BodyHash = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** `assets/manifest.json`: what a consumer reads instead of the folders. */
export const ManifestSchema = z.strictObject({
  nexus_core_version: z.string().regex(/^\d+\.\d+\.\d+(?:[-+].+)?$/),
  nexus_core_commit: z.string().regex(/^[0-9a-f]{7,40}$/),
  schema_contract_version: z.literal(SCHEMA_CONTRACT_VERSION),
  agents: z.array(AgentMetaSchema.extend({ body_hash: BodyHash })),
  skills: z.array(z.strictObject({ ...SkillMetaSchema.shape, body_hash: BodyHash })),
  vocabulary: z.strictObject({
    capabilities: z.array(CapabilitySchema),
    categories: z.array(CategorySchema),
    resume_tiers: z.array(ResumeTierSchema),
    tags: z.array(TagSchema),
    invocations: z.array(InvocationSchema.omit({ semantic_params: true, prose_guidance: true })),
    task_exceptions: z.array(TaskExceptionSchema),
    memory_policy: MemoryPolicySchema,
  }),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/**
 * The manifest of the built-in layer. `nexus_core_commit` is a digest of the content, translations included, so that
 * the file can be made again from the same sources anywhere. Undefined while the vocabulary cannot be read.
 */
export function createManifest(catalog: Catalog, version: string): Manifest | undefined {
  const { vocabulary } = catalog;
  if (vocabulary.memoryPolicy === undefined) return undefined;
  const isBuiltIn = ({ layer }: { layer: { kind: string } }): boolean => layer.kind === 'built-in';
  const agents = catalog.agents.filter(isBuiltIn);
  const skills = catalog.skills.filter(isBuiltIn);
  const content = {
    agents: agents.map(({ meta, bodies }) => ({ ...meta, body_hash: bodyHash(bodies.en.text) })),
    skills: skills.map(({ meta, bodies }) => ({ ...meta, body_hash: bodyHash(bodies.en.text) })),
    vocabulary: {
      capabilities: vocabulary.capabilities.map(({ entry }) => entry),
      categories: vocabulary.categories.map(({ entry }) => entry),
      resume_tiers: vocabulary.resumeTiers.map(({ entry }) => entry),
      tags: vocabulary.tags.map(({ entry }) => entry),
      invocations: vocabulary.invocations.map(({ entry: { id, description, fallback } }) => ({
        id,
        description,
        fallback,
      })),
      task_exceptions: vocabulary.taskExceptions.map(({ entry }) => entry),
      memory_policy: vocabulary.memoryPolicy,
    },
  };
  return {
    nexus_core_version: version,
    nexus_core_commit: contentDigest(content, [...agents, ...skills]),
    schema_contract_version: SCHEMA_CONTRACT_VERSION,
    ...content,
  };
}

/** The bytes of the manifest file. */
export function renderManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function manifestPath(assets: string): string {
  return join(assets, MANIFEST_FILE);
}

function contentDigest(content: object, items: readonly (CatalogAgent | CatalogSkill)[]): string {
  const translations = items.map(({ meta, bodies }) => [
    meta.id,
    bodies.ko === undefined ? null : bodyHash(bodies.ko.text),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([content, translations]))
    .digest('hex')
    .slice(0, 40);
}
