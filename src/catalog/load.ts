import type { Catalog, CatalogAgent, CatalogSkill } from './catalog.ts';
import { compareFindings, type Finding } from './finding.ts';
import type { Layers } from './layers.ts';
import { loadAgents } from './load-agents.ts';
import { loadSkills } from './load-skills.ts';
import { checkTagTargets, loadTags } from './load-tags.ts';
import { loadVocabulary } from './vocabulary.ts';

/** Loads all layers, the built-in one first. Throws IO_FAILED only when a folder cannot be read at all. */
export function loadCatalog(layers: Layers): Catalog {
  const [builtIn] = layers;
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    findings.push(finding);
  };
  const vocabulary = loadVocabulary(builtIn.folder, report);
  const tags = loadTags(layers, vocabulary, report);
  const agents = new Map<string, CatalogAgent>();
  const skills = new Map<string, CatalogSkill>();
  for (const layer of layers) {
    loadAgents({ layer, agents, vocabulary, report });
    loadSkills({ layer, skills, tags, vocabulary, report });
  }
  checkTagTargets(tags, skills, report);
  return {
    layers,
    agents: byId(agents),
    skills: byId(skills),
    tags,
    vocabulary,
    findings: findings.sort(compareFindings),
  };
}

function byId<T>(items: ReadonlyMap<string, T>): T[] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
