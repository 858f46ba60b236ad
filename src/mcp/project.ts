import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NexoError } from '../errors.ts';
import { type ProjectRoot, resolveProjectRoot } from '../workspace/root.ts';

/** How the project root was found; `client` means the folders that an MCP client has open. */
export type ProjectSource = ProjectRoot['source'] | 'flag' | 'client';

export interface Project {
  /** Absolute path of the project root. */
  readonly root: string;
  readonly source: ProjectSource;
}

/** What the process was started with. */
export interface Launch {
  /** `--root`, as typed. */
  readonly root: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly userHome: string;
}

/** What the client says about the folders it has open. Only revisions before 2026-07-28 have such roots. */
export type ClientRoots =
  | { readonly kind: 'undeclared' }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'declared'; readonly folders: readonly string[] };

/** Variables that name the project outright. */
const ROOT_VARIABLES = ['NEXO_PROJECT_ROOT', 'NEXUS_PROJECT_ROOT'] as const;

/** The folder that a Claude Code session was started in; it sets this for stdio servers. */
const CLAUDE_FOLDER = 'CLAUDE_PROJECT_DIR';

const REMEDY = 'Start the server with --root DIR, or set NEXO_PROJECT_ROOT to the project folder.';

/** The project that `--root` or the environment names, or undefined when they leave it open. Throws like decideProject. */
export function projectFromLaunch(launch: Launch): Project | undefined {
  const { root, env, cwd, userHome: home } = launch;
  if (root !== undefined) {
    return { root: resolveProjectRoot({ env: { NEXO_PROJECT_ROOT: root }, cwd, home }).path, source: 'flag' };
  }
  if (!ROOT_VARIABLES.some((name) => isSet(env[name]))) return undefined;
  return { root: resolveProjectRoot({ env, cwd, home }).path, source: 'environment' };
}

/**
 * The one project that everything is about: `--root`, then the environment, then the client's roots, then the folder
 * that the server was started in. Never guesses between two. docs/mcp.md describes the order for users.
 * Throws PROJECT_ROOT_AMBIGUOUS or PROJECT_ROOT_MISSING.
 */
export function decideProject(launch: Launch, roots: ClientRoots): Project {
  const named = projectFromLaunch(launch);
  if (named !== undefined) return named;
  const start = startFolder(launch);
  if (roots.kind === 'declared' && roots.folders.length > 0) return fromRoots(roots.folders, start, launch);
  const { path, source } = projectOf(start, launch);
  if (roots.kind === 'unanswered' && source === 'working-directory') {
    throw new NexoError(
      'PROJECT_ROOT_AMBIGUOUS',
      `The client did not say which folder it has open, and ${start} has neither .nexus nor git.`,
      { hint: REMEDY },
    );
  }
  return { root: path, source };
}

function fromRoots(folders: readonly string[], start: string, launch: Launch): Project {
  const [first, ...rest] = folders;
  if (first !== undefined && rest.length === 0)
    return { root: projectOf(first, launch).path, source: 'client' };
  // A folder that is no usable project still counts: two folders are open, and only one of them can be meant.
  const candidates = new Set(
    folders.map((folder) => attempt(() => projectOf(folder, launch).path) ?? folder),
  );
  const [only, ...others] = candidates;
  const started = attempt(() => projectOf(start, launch).path);
  const root = others.length === 0 ? only : started;
  if (root !== undefined && candidates.has(root))
    return { root: projectOf(root, launch).path, source: 'client' };
  throw new NexoError(
    'PROJECT_ROOT_AMBIGUOUS',
    `The client has ${candidates.size} folders open and the server was started in none of them: ${listed(candidates)}.`,
    { hint: REMEDY, data: { folders: [...candidates] } },
  );
}

function projectOf(folder: string, launch: Launch): ProjectRoot {
  return resolveProjectRoot({ env: {}, cwd: folder, home: launch.userHome });
}

/**
 * Claude Code starts servers in a folder of its choice and names the session's in the environment. Only a start, not
 * an order: a harness started from within a Claude Code session inherits the variable and may be somewhere else.
 */
function startFolder(launch: Launch): string {
  const folder = launch.env[CLAUDE_FOLDER];
  return isSet(folder) && isAbsolute(folder) && isFolder(folder) ? folder : launch.cwd;
}

/** Paths of the `file:` roots that are folders here; a root elsewhere (another scheme, another host) is not ours. */
export function foldersOfRoots(roots: readonly unknown[]): string[] {
  return roots.flatMap((root) => {
    const uri = typeof root === 'object' && root !== null && 'uri' in root ? root.uri : undefined;
    if (typeof uri !== 'string' || !uri.startsWith('file:')) return [];
    const folder = attempt(() => fileURLToPath(uri));
    return folder !== undefined && isFolder(folder) ? [folder] : [];
  });
}

function isFolder(path: string): boolean {
  return attempt(() => statSync(path).isDirectory()) ?? false;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined; // the callers treat "cannot be used" as one answer among others
  }
}

function listed(folders: ReadonlySet<string>): string {
  const shown = [...folders].slice(0, 5).join(', ');
  return folders.size > 5 ? `${shown}, …` : shown;
}
