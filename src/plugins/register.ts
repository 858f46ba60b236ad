import type { LoadedPlugin, PluginTool } from './contract.ts';
import type { PluginOrigin } from './discover.ts';

/** A plugin whose tools are known, on its way into the list. */
export interface Candidate {
  readonly file: string;
  readonly origin: PluginOrigin;
  readonly loaded: LoadedPlugin;
}

export interface NameRules {
  /** Names of Nexo's own tools. */
  readonly reserved: ReadonlySet<string>;
  /** Beginnings that a personal tool may have; `nexo_` is always one. */
  readonly prefixes: readonly string[];
}

export interface Registered {
  readonly tool: PluginTool;
  readonly file: string;
  readonly origin: PluginOrigin;
}

export interface Registration {
  readonly tools: readonly Registered[];
  /** `origin/file` → why none of its tools is offered. */
  readonly rejected: ReadonlyMap<string, string>;
  /** Core file → personal file that stands in its place. */
  readonly replaced: ReadonlyMap<string, string>;
}

/** Names a candidate in the maps of a registration. */
export function keyOf({ origin, file }: Pick<Candidate, 'origin' | 'file'>): string {
  return `${origin}/${file}`;
}

/**
 * Decides which tools are offered. Candidates come in load order, and the first to ask for a name has it. A plugin is
 * taken whole or not at all: half of one would be a puzzle for whoever calls it.
 */
export function registerPlugins(
  candidates: readonly Candidate[],
  { reserved, prefixes }: NameRules,
): Registration {
  const rejected = new Map<string, string>();
  const replaced = replacements(candidates, rejected);
  const taken = new Map<string, Registered>();
  for (const candidate of candidates) {
    const { file, origin, loaded } = candidate;
    if (rejected.has(keyOf(candidate)) || (origin === 'core' && replaced.has(file))) continue;
    const fault = loaded.tools
      .map(({ name }) => nameFault(name, file, { reserved, prefixes, taken }))
      .find((each) => each !== undefined);
    if (fault !== undefined) {
      rejected.set(keyOf(candidate), fault);
      continue;
    }
    for (const tool of loaded.tools) taken.set(tool.name, { tool, file, origin });
  }
  return { tools: [...taken.values()], rejected, replaced };
}

function nameFault(
  name: string,
  file: string,
  { reserved, prefixes, taken }: NameRules & { readonly taken: ReadonlyMap<string, Registered> },
): string | undefined {
  if (reserved.has(name) || name.startsWith('nx_'))
    return `its tool ${name} has the name of a tool of Nexo itself`;
  if (!['nexo_', ...prefixes].some((prefix) => name.startsWith(prefix)))
    return `its tool ${name} does not begin with ${['nexo_', ...prefixes].join(' or ')}`;
  const other = taken.get(name);
  return other === undefined
    ? undefined
    : `its tool ${name} is in ${other.file} already; rename it in ${file}`;
}

/** Core plugins in whose place a personal one of the same file name wants to stand, and says so. */
function replacements(
  candidates: readonly Candidate[],
  rejected: Map<string, string>,
): ReadonlyMap<string, string> {
  const core = new Set(candidates.filter(({ origin }) => origin === 'core').map(({ file }) => file));
  const replaced = new Map<string, string>();
  for (const candidate of candidates) {
    const { file, origin, loaded } = candidate;
    const wanted = loaded.declared.overrides;
    if (origin === 'core') continue;
    if (wanted === undefined && core.has(file)) {
      rejected.set(
        keyOf(candidate),
        `there is a plugin ${file} of Nexo itself; declare overrides: "${file}" to stand in its place`,
      );
    }
    if (wanted === undefined) continue;
    if (wanted !== file)
      rejected.set(keyOf(candidate), `it overrides ${wanted}, and only a file of the same name can do that`);
    else if (core.has(file)) replaced.set(file, file);
  }
  return replaced;
}
