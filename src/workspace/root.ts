import { realpathSync, statSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';

import { findGit } from '../base/git-branch.ts';
import { NexoError, systemErrorCode } from '../errors.ts';

export interface ProjectRoot {
  /** Absolute path of the folder that holds, or will hold, `.nexus/`. */
  readonly path: string;
  /** What decided. */
  readonly source: 'environment' | 'nexus-folder' | 'git' | 'working-directory';
}

export interface RootQuestion {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The operator's home directory; it is never taken for a project by searching. */
  readonly home: string;
}

/**
 * Finds the project: NEXO_PROJECT_ROOT (or NEXUS_PROJECT_ROOT), else the nearest parent with `.nexus/`, else the git
 * top level, else the working directory. A home directory or a file system's root is taken only when named by the
 * environment: PROJECT_ROOT_AMBIGUOUS otherwise. Throws PROJECT_ROOT_MISSING when the named folder is not there.
 */
export function resolveProjectRoot({ env, cwd, home }: RootQuestion): ProjectRoot {
  const named = env.NEXO_PROJECT_ROOT || env.NEXUS_PROJECT_ROOT;
  if (named) return { path: existingFolder(resolve(cwd, named)), source: 'environment' };
  const start = existingFolder(cwd);
  const isRefused = refusal(home);
  const nexus = nearestNexus(start, isRefused);
  if (nexus !== undefined) return { path: nexus, source: 'nexus-folder' };
  const git = findGit(start);
  if (git !== undefined && !isRefused(git.topLevel)) return { path: git.topLevel, source: 'git' };
  if (!isRefused(start)) return { path: start, source: 'working-directory' };
  throw ambiguous(start);
}

/** Whether a folder may be a project found by searching; the home directory and `/` may not. */
export function isAmbiguousRoot(path: string, home: string): boolean {
  return refusal(home)(path);
}

/** Throws PROJECT_ROOT_MISSING unless there is a folder at `path`; returns the path. */
export function existingFolder(path: string): string {
  if (isFolder(path)) return path;
  throw new NexoError('PROJECT_ROOT_MISSING', `The project folder ${path} does not exist.`, {
    hint: 'Start from an existing folder, or set NEXO_PROJECT_ROOT to one.',
    data: { path },
  });
}

function ambiguous(path: string): NexoError {
  return new NexoError(
    'PROJECT_ROOT_AMBIGUOUS',
    `${path} is no project: it is a home directory or the root of a disk.`,
    {
      hint: 'Start in a project folder, or set NEXO_PROJECT_ROOT to one.',
      data: { path },
    },
  );
}

function nearestNexus(start: string, isRefused: (path: string) => boolean): string | undefined {
  const { root } = parse(start);
  for (let folder = start; ; folder = dirname(folder)) {
    if (!isRefused(folder) && isFolder(join(folder, '.nexus'))) return folder;
    if (folder === root) return undefined;
  }
}

function refusal(home: string): (path: string) => boolean {
  // An empty HOME names nothing; the system would take it for the working directory.
  const realHome = home === '' ? undefined : realOr(home);
  return (path) => path === parse(path).root || path === home || realOr(path) === realHome;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    // A loop of links, or a place that may not be looked into: no folder that could be worked in.
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return path;
  }
}
