import { readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';

import { systemErrorCode } from '../errors.ts';

/** Where a working tree keeps its repository data. */
export interface GitLocation {
  /** Top level of the working tree. */
  readonly topLevel: string;
  /** The folder with HEAD: `.git`, or the one that a worktree's or submodule's `.git` file names. */
  readonly gitFolder: string;
}

/** Finds the working tree that `start` is in, by looking for `.git`; undefined outside git. Runs no program. */
export function findGit(start: string): GitLocation | undefined {
  const { root } = parse(start);
  for (let folder = start; ; folder = dirname(folder)) {
    const gitFolder = gitFolderOf(folder);
    if (gitFolder !== undefined) return { topLevel: folder, gitFolder };
    if (folder === root) return undefined;
  }
}

/**
 * Name of the branch that is checked out at `start`; `HEAD` when detached, `unknown` outside git or when it cannot be
 * read. Never empty. Reads one small file; asks git only for repositories that keep no readable HEAD (reftable).
 */
export function readGitBranch(start: string): string {
  const location = findGit(start);
  if (location === undefined) return 'unknown';
  const head = readSmallFile(join(location.gitFolder, 'HEAD'))?.trim();
  if (head === undefined || head === '') return 'unknown';
  const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1];
  if (branch === undefined) return 'HEAD';
  return branch === '.invalid' ? askGit(location.topLevel) : branch;
}

function gitFolderOf(folder: string): string | undefined {
  const path = join(folder, '.git');
  const stat = lookThrough(path);
  if (stat === undefined) return undefined;
  if (stat.isDirectory()) return path;
  // A linked worktree or a submodule: one line that names the real folder.
  const target = stat.isFile() ? /^gitdir: (.+)$/m.exec(readSmallFile(path) ?? '')?.[1] : undefined;
  return target === undefined ? undefined : resolve(folder, target.trim());
}

/** What `path` leads to; undefined also when that cannot be seen: then git could not use it either. */
function lookThrough(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

function readSmallFile(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size < 65_536 ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

/**
 * The environment for git about the repository of a folder. Inside a git hook there are variables that would lead it to
 * another one; and what is not here is not fetched from elsewhere.
 */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, GIT_NO_LAZY_FETCH: '1' };
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_NAMESPACE'])
    delete env[name];
  return env;
}

function askGit(topLevel: string): string {
  try {
    // Loaded where it is needed: hooks ask for the branch and never get here, and it is half of their start.
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const branch = execFileSync('git', ['-C', topLevel, 'symbolic-ref', '--quiet', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: gitEnvironment(),
      timeout: 5000,
    }).trim();
    return branch === '' ? 'HEAD' : branch;
  } catch {
    // Detached, or no git at hand: either way there is no branch name to give.
    return 'HEAD';
  }
}
