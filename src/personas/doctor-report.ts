import { createRedactor, isSecretName, REDACTED } from '../base/redact.ts';
import { type AppliedPersonas, type ApplyOptions, applyPersonas } from './apply.ts';
import type { PackState } from './discovery.ts';
import type { Diagnostic, SearchPath } from './discovery-config.ts';
import { packSource } from './pack-agents.ts';
import { type UnmetRequirements, unmetRequirements } from './requirements-met.ts';

/** One pack on disk, as the doctor sees it. */
export interface PersonaCheckup {
  /** Null when the manifest cannot be read. */
  readonly id: string | null;
  readonly version: string | null;
  readonly state: PackState;
  readonly path: string;
  /** Why it is not active; null when it is. */
  readonly reason: string | null;
  /** What it asks for and is not here. */
  readonly unmet: {
    readonly missing_plugins: readonly string[];
    readonly unknown_features: readonly string[];
    readonly missing_env_vars: readonly string[];
  };
  /** Files that the operator has to fill in. */
  readonly unconfigured_secrets: readonly string[];
  /** Ids that take part. */
  readonly agents: readonly string[];
  readonly skipped_agents: readonly {
    readonly id: string | null;
    readonly file: string;
    readonly reason: string;
  }[];
  /** What else an operator should know about it. */
  readonly warnings: readonly string[];
}

export interface PersonasCheckup {
  /** False when a pack is invalid or the settings cannot be read. */
  readonly ok: boolean;
  readonly kill_switch: boolean;
  readonly activation: 'auto' | 'template';
  readonly config: { readonly path: string; readonly exists: boolean };
  readonly search_paths: readonly (SearchPath & { readonly exists: boolean })[];
  readonly personas: readonly PersonaCheckup[];
  /** The configuration of each plugin that packs add to, as it is in memory, without secrets. */
  readonly plugin_configs: readonly {
    readonly plugin: string;
    /** `operator` and the packs that have added to it, in their order. */
    readonly sources: readonly string[];
    readonly value: unknown;
  }[];
  /** What is wrong with the settings and search paths. */
  readonly problems: readonly Diagnostic[];
}

export interface CheckupOptions extends Omit<ApplyOptions, 'write'> {
  /** Ids of the plugins that are installed. */
  readonly plugins: ReadonlySet<string>;
  readonly features?: ReadonlySet<string>;
}

/** Looks at every pack, in use or not, and writes nothing. */
export function checkPersonas(options: CheckupOptions): PersonasCheckup {
  const { env, plugins, features } = options;
  const applied = applyPersonas({ ...options, thorough: true, write: false, concealed: true });
  const { discovery } = applied;
  const have = { env, plugins, ...(features === undefined ? {} : { features }) };
  const personas = discovery.packs.map(({ dir, state, reason, manifest }): PersonaCheckup => {
    const base = { state, path: dir, reason: reason ?? null };
    const nothing = { unconfigured_secrets: [], agents: [], skipped_agents: [], warnings: [] };
    if (manifest === undefined) {
      const unmet = { missing_plugins: [], unknown_features: [], missing_env_vars: [] };
      return { ...base, id: null, version: null, unmet, ...nothing };
    }
    const { id, version } = manifest;
    const unmet = toJson(unmetRequirements(manifest, have));
    if (state !== 'active') return { ...base, id, version, unmet, ...nothing };
    return { ...base, id, version, unmet, ...contributed(applied, packSource(manifest)) };
  });
  const problems = discovery.diagnostics.filter(
    ({ level, path }) =>
      (level === 'warning' || level === 'error') && !discovery.packs.some(({ dir }) => path.startsWith(dir)),
  );
  return {
    ok:
      problems.every(({ level }) => level !== 'error') && personas.every(({ state }) => state !== 'invalid'),
    kill_switch: discovery.killSwitch,
    activation: discovery.config.activation,
    config: { path: discovery.config.file, exists: discovery.config.exists },
    search_paths: discovery.searchPaths,
    personas,
    plugin_configs: applied.pluginConfigs.map(({ plugin, sources, value }) => ({
      plugin,
      sources,
      value: withoutSecrets(value),
    })),
    problems,
  };
}

const redact = createRedactor();

/** What the operator wrote may hold secrets in the open; a placeholder names one and is none. */
function withoutSecrets(value: unknown, name = ''): unknown {
  if (typeof value === 'string')
    return isSecretName(name) && !/^\$\{[^}]*\}$/.test(value) ? REDACTED : redact(value);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, key)]));
}

function toJson({
  missingPlugins,
  unknownFeatures,
  missingEnvVars,
}: UnmetRequirements): PersonaCheckup['unmet'] {
  return {
    missing_plugins: missingPlugins,
    unknown_features: unknownFeatures,
    missing_env_vars: missingEnvVars,
  };
}

function contributed(
  { agents, skipped, secrets, notes }: AppliedPersonas,
  own: string,
): Pick<PersonaCheckup, 'unconfigured_secrets' | 'agents' | 'skipped_agents' | 'warnings'> {
  const unfilled = secrets.filter(({ source, state }) => source === own && state !== 'filled');
  const leftOut = skipped.filter(({ source }) => source === own);
  const told = new Set([...unfilled.map(({ path }) => path), ...leftOut.map(({ file }) => file)]);
  return {
    unconfigured_secrets: unfilled.map(({ path }) => path),
    agents: agents.filter(({ source }) => source === own).map(({ id }) => id),
    skipped_agents: leftOut.map(({ id, file, reason }) => ({ id: id ?? null, file, reason })),
    warnings: notes
      .filter(({ source, level, file }) => source === own && level === 'warning' && !told.has(file))
      .map(({ file, message }) => `${file} ${message}`),
  };
}
