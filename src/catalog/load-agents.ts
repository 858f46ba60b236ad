import { join } from 'node:path';

import type { CatalogAgent, Report } from './catalog.ts';
import { isPresent } from './files.ts';
import { checkEntries, EXTENSION_FILE, type Item, type ItemFolder, itemFolders, readItem } from './item.ts';
import type { CatalogLayer } from './layers.ts';
import { loadPackAgents } from './load-pack-agents.ts';
import { checkValue, type ParsedFile, readYamlFile } from './parse-file.ts';
import { AgentExtensionSchema, type AgentMeta, AgentMetaSchema } from './schemas.ts';
import type { Vocabulary } from './vocabulary.ts';

interface Load {
  readonly layer: CatalogLayer;
  /** All agents so far; those of this layer are added. */
  readonly agents: Map<string, CatalogAgent>;
  readonly vocabulary: Vocabulary;
  readonly report: Report;
}

/** Adds the agents of one layer, and what it adds to the agents of earlier ones. */
export function loadAgents(load: Load): void {
  const earlier = new Set(load.agents.keys());
  if (load.layer.pack !== undefined) {
    loadPackAgents({ ...load, pack: load.layer.pack });
    return;
  }
  for (const folder of itemFolders(join(load.layer.folder, 'agents'), load.report)) {
    if (isPresent(folder.path, EXTENSION_FILE)) extendAgent(folder, earlier, load);
    else addAgent(folder, load);
  }
}

function addAgent(folder: ItemFolder, load: Load): void {
  const { layer, agents, vocabulary, report } = load;
  const item = readItem(folder, AgentMetaSchema, report);
  if (item === undefined) return;
  const { meta, bodies, file } = item;
  const known = knownCapabilities(meta.capabilities, file, load);
  const fits = [
    known,
    fitsVocabulary(item, vocabulary, report),
    isFree(item, load),
    isOnlyLead(item, report),
  ];
  if (fits.includes(false)) return;
  const capabilities = [...new Set(meta.capabilities)].map((id) => ({ id, from: layer.name }));
  agents.set(meta.id, { meta, capabilities, bodies, layer, folder: folder.path });
}

function extendAgent(folder: ItemFolder, earlier: ReadonlySet<string>, load: Load): void {
  const { layer, agents, report } = load;
  checkEntries(folder, [EXTENSION_FILE], report);
  const file = readYamlFile(join(folder.path, EXTENSION_FILE), report);
  if (file === undefined) return;
  const agent = agents.get(folder.name);
  const refuse = (message: string, fix: string): void => {
    report({ gate: 'N3', level: 'error', file: file.file, line: 1, message, fix });
  };
  if (agent === undefined || !earlier.has(folder.name)) {
    refuse(
      `there is no agent ${folder.name} in an earlier layer to extend`,
      'Correct the name of the folder, or define the agent in meta.yml.',
    );
    return;
  }
  if (agent.meta.category === 'lead') {
    refuse('Lead is not gated, so a capability would promise what nothing keeps', 'Remove the folder.');
    return;
  }
  const extension = checkValue(file, file.source.value, AgentExtensionSchema, report);
  if (extension === undefined || !knownCapabilities(extension.capabilities, file, load)) return;
  const has = new Set(agent.capabilities.map(({ id }) => id));
  const added = [...new Set(extension.capabilities)]
    .filter((id) => !has.has(id))
    .map((id) => ({ id, from: layer.name }));
  agents.set(folder.name, { ...agent, capabilities: [...agent.capabilities, ...added] });
}

/** G2. */
function knownCapabilities(
  ids: readonly string[],
  { file, source }: ParsedFile,
  { vocabulary, report }: Load,
): boolean {
  const known = vocabulary.capabilities.map(({ entry }) => entry.id);
  const unknown = ids.flatMap((id, at) => (known.includes(id) ? [] : [{ id, at }]));
  for (const { id, at } of unknown) {
    report({
      gate: 'G2',
      level: 'error',
      file,
      line: source.lineOf(['capabilities', at]),
      message: `there is no capability ${id}`,
      fix: `Use one of ${known.join(', ')}.`,
    });
  }
  return unknown.length === 0;
}

/** G3 and G4. */
function fitsVocabulary({ meta, file }: Item<AgentMeta>, vocabulary: Vocabulary, report: Report): boolean {
  const categories = vocabulary.categories.map(({ entry }) => entry.id);
  const tiers = vocabulary.resumeTiers.map(({ entry }) => entry.id);
  const fits = {
    category: categories.includes(meta.category),
    resume_tier: tiers.includes(meta.resume_tier),
  };
  const fault = (gate: 'G3' | 'G4', field: keyof typeof fits, known: readonly string[]): void => {
    report({
      gate,
      level: 'error',
      file: file.file,
      line: file.source.lineOf([field]),
      message: `there is no ${field.replace('_', ' ')} ${meta[field]}`,
      fix: `Use one of ${known.join(', ')}.`,
    });
  };
  if (!fits.category) fault('G3', 'category', categories);
  if (!fits.resume_tier) fault('G4', 'resume_tier', tiers);
  return fits.category && fits.resume_tier;
}

/** N3: an id belongs to the first layer that has it, so that no pack can put words into a built-in agent's mouth. */
function isFree({ meta, file }: Item<AgentMeta>, { layer, agents, report }: Load): boolean {
  const owner = agents.get(meta.id);
  if (owner === undefined) return true;
  // The operator's own agent wins over that of a pack, whenever the pack came.
  if (owner.layer.kind === 'persona' && layer.kind === 'personal') {
    report({
      gate: 'N3',
      level: 'warning',
      file: file.file,
      line: file.source.lineOf(['id']),
      message: `the agent ${meta.id} is used instead of the one of ${owner.layer.name}`,
      fix: 'Give yours another id to have both.',
    });
    return true;
  }
  report({
    gate: 'N3',
    level: 'error',
    file: file.file,
    line: file.source.lineOf(['id']),
    message: `the agent ${meta.id} is defined by the layer ${owner.layer.name} already`,
    fix: `Give yours another id. To take something away from the agent, write ${EXTENSION_FILE}; to instruct it, write .nexus/rules/${meta.id}.md.`,
  });
  return false;
}

/** G3: Lead is the one agent without limits and the one that may be primary. */
function isOnlyLead({ meta, file }: Item<AgentMeta>, report: Report): boolean {
  const isLead = meta.id === 'lead';
  const fault = (field: string, message: string, fix: string): boolean => {
    report({ gate: 'G3', level: 'error', file: file.file, line: file.source.lineOf([field]), message, fix });
    return false;
  };
  if (isLead && meta.capabilities.length > 0)
    return fault('capabilities', 'Lead is not gated and has no capabilities', 'Write capabilities: [].');
  if (isLead !== (meta.category === 'lead')) {
    return fault(
      'category',
      'the category lead belongs to the agent lead, and only to it',
      'Use how, do or check.',
    );
  }
  if (isLead !== (meta.mode === 'primary')) {
    return fault(
      'mode',
      'the agent lead is primary, and no other one is',
      'Use subagent or all, or leave mode out.',
    );
  }
  return true;
}
