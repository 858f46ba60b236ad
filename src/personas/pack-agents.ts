import { isAbsolute, join, resolve, sep } from 'node:path';

import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { MAX_YAML_BYTES, type PlacedAgent, parseAgentFile } from './agent-config.ts';
import type { AgentConfig } from './agent-schema.ts';
import type { ActivePack } from './discovery.ts';
import { type Privilege, privilegesOf } from './privileges.ts';
import { readPackText } from './read-text.ts';

/** An agent that a pack contributes, its paths worked out. */
export interface PackAgent {
  readonly id: string;
  readonly config: AgentConfig;
  /** `persona:<id>@<version>`. */
  readonly source: string;
  readonly pack: { readonly id: string; readonly version: string; readonly dir: string };
  readonly file: string;
  readonly line: number;
  /** Line of a value of this agent in its file. */
  lineOf(path: readonly PropertyKey[]): number;
  /** Absolute; undefined where the agent names none. */
  readonly workspace: string | undefined;
  readonly skillsDir: string | undefined;
  readonly transcriptsDir: string | undefined;
  readonly privileges: readonly Privilege[];
}

/** An agent or a whole file that does not take part, and why. */
export interface SkippedAgent {
  /** Undefined when a whole file is left out. */
  readonly id: string | undefined;
  readonly source: string;
  readonly file: string;
  readonly line: number;
  /** Goes on after the agent or the file: `is taken by the operator's own agents.yaml`. */
  readonly reason: string;
  readonly fix: string;
}

export interface PackAgents {
  /** In the order of the packs and their files. */
  readonly agents: readonly PackAgent[];
  readonly skipped: readonly SkippedAgent[];
}

export interface LoadPackAgentsOptions {
  /** The configuration folder, which no path of a pack leads out of. */
  readonly configDir: string;
  /** A second folder that paths may lie in: `NEXO_DATA_DIR`. */
  readonly dataDir?: string;
  /** Ids that others have, and who: those win. */
  readonly taken?: ReadonlyMap<string, string>;
}

/** Name of a pack as a source of agents. */
export function packSource({ id, version }: { readonly id: string; readonly version: string }): string {
  return `persona:${id}@${version}`;
}

/**
 * The agents that packs contribute. A file or an agent with a fault is left out and told; the others of the pack still
 * count, and so do the other packs. Nothing is written and no placeholder is replaced.
 */
export function loadPackAgents(
  packs: readonly Pick<ActivePack, 'dir' | 'manifest'>[],
  options: LoadPackAgentsOptions,
): PackAgents {
  const agents: PackAgent[] = [];
  const skipped: SkippedAgent[] = [];
  const taken = new Map(options.taken);
  for (const { dir, manifest } of packs) {
    const source = packSource(manifest);
    for (const path of manifest.contributes.agentConfigs) {
      const file = join(dir, path);
      const skip = (id: string | undefined, line: number, reason: string, fix: string): void => {
        skipped.push({ id, source, file, line, reason, fix });
      };
      const placed = readAgents(dir, file);
      if ('reason' in placed) {
        skip(undefined, placed.line, placed.reason, placed.fix);
        continue;
      }
      for (const each of placed.agents) {
        const { id } = each.agent;
        const owner = taken.get(id);
        if (owner !== undefined) {
          skip(id, each.line, `is not used: ${owner} has an agent of that id`, 'Rename one of the two.');
          continue;
        }
        const paths = resolvePaths(each.agent, options);
        if ('reason' in paths) {
          skip(id, each.lineOf([paths.key]), paths.reason, 'Name a folder below the configuration.');
          continue;
        }
        taken.set(id, source);
        agents.push({
          id,
          config: each.agent,
          source,
          pack: { id: manifest.id, version: manifest.version, dir },
          file,
          line: each.line,
          lineOf: each.lineOf,
          ...paths,
          privileges: privilegesOf(each.agent),
        });
      }
    }
  }
  return { agents, skipped };
}

type FileFault = { readonly reason: string; readonly line: number; readonly fix: string };

function readAgents(dir: string, file: string): { agents: readonly PlacedAgent[] } | FileFault {
  try {
    assertInside(dir, file);
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return { line: 1, reason: 'leads out of its pack', fix: 'Install the pack again.' };
  }
  const read = readPackText(file, MAX_YAML_BYTES);
  if (!read.ok) return { line: 1, reason: read.message, fix: read.fix };
  const parsed = parseAgentFile(read.text);
  if (parsed.ok) return { agents: parsed.agents };
  const [first] = parsed.problems;
  const more = parsed.problems.length > 1 ? ` (and ${parsed.problems.length - 1} more)` : '';
  return {
    line: first?.line ?? 1,
    reason: `${first?.message ?? 'cannot be understood'}${more}`,
    fix: first?.fix ?? 'Correct the file.',
  };
}

type ResolvedPaths = Pick<PackAgent, 'workspace' | 'skillsDir' | 'transcriptsDir'>;
type PathKey = 'workspace' | 'skills_dir' | 'transcripts_dir' | 'extra_docs';

function resolvePaths(
  agent: AgentConfig,
  options: LoadPackAgentsOptions,
): ResolvedPaths | { readonly key: PathKey; readonly reason: string } {
  const resolved: Partial<Record<PathKey, string>> = {};
  for (const key of ['workspace', 'skills_dir', 'transcripts_dir'] as const) {
    const written = agent[key];
    if (written === undefined || written === '') continue;
    const path = resolveAgentPath(written, options);
    if (path === undefined)
      return { key, reason: `has a ${key} that leads out of the configuration: ${written}` };
    resolved[key] = path;
  }
  const doc = agent.extra_docs?.find((each) => isAbsolute(each) || each.split(/[\\/]/).includes('..'));
  if (doc !== undefined)
    return { key: 'extra_docs', reason: `names a document outside of its workspace: ${doc}` };
  return {
    workspace: resolved.workspace,
    skillsDir: resolved.skills_dir,
    transcriptsDir: resolved.transcripts_dir,
  };
}

/**
 * Where a folder that an agent of a pack names is: `../x` as seen from `<config>/agents.d/`, where such a file would
 * lie without packs, everything else from the configuration itself. Undefined when it is absolute or leads out, also
 * through a link.
 */
export function resolveAgentPath(
  written: string,
  { configDir, dataDir }: Pick<LoadPackAgentsOptions, 'configDir' | 'dataDir'>,
): string | undefined {
  if (isAbsolute(written) || /^~|^[A-Za-z]:|\\/.test(written) || written.includes('\u0000')) return undefined;
  const base = written.startsWith('../') || written === '..' ? join(configDir, 'agents.d') : configDir;
  const path = resolve(base, written);
  const root = [configDir, ...(dataDir === undefined ? [] : [dataDir])].find((each) => isBelow(each, path));
  if (root === undefined) return undefined;
  try {
    assertInside(root, path);
    return path;
  } catch (error) {
    if (error instanceof NexoError && error.code === 'PATH_ESCAPES') return undefined;
    throw error;
  }
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
