import type { HomePaths } from '../home/paths.ts';
import { type DiscoverOptions, type Discovery, discoverPersonas } from './discovery.ts';
import { operatorAgents } from './operator-agents.ts';
import { loadPackAgents, type PackAgent, packSource, type SkippedAgent } from './pack-agents.ts';
import { type Lookup, type Placeholder, resolvePlaceholders } from './placeholder.ts';
import { contributionPlaces } from './places.ts';
import { type ContributionNote, mergePluginConfigs, type PluginConfig } from './plugin-configs.ts';
import { isSecretsFolderOpen, materialiseSecrets, packLookup, type SecretStatus } from './secrets.ts';
import { type SeedStatus, seedWorkspaces } from './workspace-seed.ts';

export interface AppliedPersonas {
  readonly discovery: Discovery;
  /** Agents to run, placeholders outside of their prompts replaced. */
  readonly agents: readonly PackAgent[];
  readonly skipped: readonly SkippedAgent[];
  /** In memory only: they may hold secrets. */
  readonly pluginConfigs: readonly PluginConfig[];
  readonly secrets: readonly SecretStatus[];
  readonly seeds: readonly SeedStatus[];
  /** What an operator should know, in the order in which it was found. */
  readonly notes: readonly ContributionNote[];
}

export interface ApplyOptions extends DiscoverOptions {
  readonly paths: HomePaths;
  readonly now: () => Date;
  /** False to find out what would be applied without writing a file. */
  readonly write: boolean;
  /** Ids of agents that plugins contribute, and which plugin: those win over packs. */
  readonly pluginAgents?: ReadonlyMap<string, string>;
  readonly pluginShapes?: ReadonlyMap<string, 'object' | 'array'>;
  /** True to leave placeholders as they are written, for somebody who looks and may not see secrets. */
  readonly concealed?: boolean;
}

/**
 * Finds the packs in use and applies what they contribute: agents and plugin fragments in memory, secrets and the
 * workspace seed on disk, each once. With `activation: template` nothing is applied. Nothing in a pack makes it throw;
 * a disk that cannot be written to is told in the states of secrets and seeds.
 */
export function applyPersonas(options: ApplyOptions): AppliedPersonas {
  const { paths, env, now, write, pluginAgents, pluginShapes, concealed = false } = options;
  const discovery = discoverPersonas(options);
  const packs = discovery.config.activation === 'auto' ? discovery.winners : [];
  const { configDir, secretsDir, dataDir } = contributionPlaces(paths, env);
  const notes: ContributionNote[] = [];

  const secrets = materialiseSecrets(packs, { secretsDir, write });
  notes.push(...secrets.flatMap(secretNote));
  if (secrets.length > 0 && isSecretsFolderOpen(secretsDir))
    notes.push(warning('operator', secretsDir, 'may be looked into by others', `chmod 700 ${secretsDir}`));
  const seeds = write ? seedWorkspaces(packs, { configDir, dataDir, now }) : [];
  notes.push(
    ...seeds.flatMap(({ source, path, state, reason }) =>
      state === 'refused' ? [warning(source, path, `was not seeded: ${reason}`)] : [],
    ),
  );

  const taken = new Map([...(pluginAgents ?? []), ...operatorAgents(configDir)]);
  const loaded = loadPackAgents(packs, { configDir, dataDir, taken });
  const lookups = new Map(
    packs.map((pack) => {
      const lookup = packLookup(pack, { env, configDir, secretsDir });
      return [packSource(pack.manifest), concealed ? conceal(lookup) : lookup];
    }),
  );
  const agents: PackAgent[] = [];
  const skipped: SkippedAgent[] = [...loaded.skipped];
  for (const agent of loaded.agents) {
    const resolved = resolveAgent(agent, lookups.get(agent.source) ?? (() => undefined));
    if ('missing' in resolved) {
      const names = resolved.missing.map(({ name }) => name).join(', ');
      const { id, source, file, line } = agent;
      const reason = `is not used: ${names} is missing, or the pack does not declare it`;
      skipped.push({ id, source, file, line, reason, fix: `Provide ${names}.` });
    } else agents.push(resolved);
  }
  for (const { id, source, file, line, reason, fix } of skipped)
    notes.push({ ...warning(source, file, id === undefined ? reason : `${id} ${reason}`, fix), line });
  for (const { id, source, file, line, privileges } of agents)
    for (const { key, message } of privileges)
      notes.push({ ...warning(source, file, `the agent ${id} ${message} (${key})`), line });

  const plugins = mergePluginConfigs(packs, {
    configDir,
    lookupFor: (pack) => lookups.get(packSource(pack.manifest)) ?? (() => undefined),
    ...(pluginShapes === undefined ? {} : { shapes: pluginShapes }),
  });
  notes.push(...plugins.notes);
  return { discovery, agents, skipped, pluginConfigs: plugins.configs, secrets, seeds, notes };
}

/** Answers for what is there, and does not say what it is. */
function conceal(lookup: Lookup): Lookup {
  return (placeholder) => {
    const text = lookup(placeholder);
    if (text === undefined || text === '') return text;
    return placeholder.kind === 'file' ? `\${file:${placeholder.name}}` : `\${${placeholder.name}}`;
  };
}

/** What a model reads is not a place for the environment: prompts keep their text as it is. */
const PROMPT_KEYS = ['system_prompt', 'description'] as const;

function resolveAgent(
  agent: PackAgent,
  lookup: (placeholder: Placeholder) => string | undefined,
): PackAgent | { readonly missing: readonly Placeholder[] } {
  const { config } = agent;
  const prompts = Object.fromEntries(
    PROMPT_KEYS.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])),
  );
  const bindings = config.inbound_bindings?.map(({ system_prompt_extra, ...rest }) => rest);
  const open = {
    ...config,
    system_prompt: undefined,
    description: undefined,
    ...(bindings === undefined ? {} : { inbound_bindings: bindings }),
  };
  const resolved = resolvePlaceholders(open, lookup);
  if (!resolved.ok) return { missing: resolved.missing };
  // The same keys as before, with texts in place of texts.
  const value = resolved.value as PackAgent['config'];
  const inbound_bindings = value.inbound_bindings?.map((binding, at) => {
    const extra = config.inbound_bindings?.[at]?.system_prompt_extra;
    return extra === undefined ? binding : { ...binding, system_prompt_extra: extra };
  });
  return {
    ...agent,
    config: { ...value, ...prompts, ...(inbound_bindings === undefined ? {} : { inbound_bindings }) },
  };
}

function secretNote({ source, path, state, reason }: SecretStatus): ContributionNote[] {
  if (state === 'refused') return [warning(source, path, `was not made: ${reason}`)];
  if (state === 'created' || state === 'unfilled' || state === 'missing')
    return [warning(source, path, 'is not filled in', `Put the secret into ${path}.`)];
  return [];
}

function warning(source: string, file: string, message: string, fix?: string): ContributionNote {
  return { level: 'warning', source, file, message, ...(fix === undefined ? {} : { fix }) };
}
