import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';

import { findGit, gitEnvironment, readGitBranch } from '../../base/git-branch.ts';
import { runProcessOrThrow } from '../../base/process.ts';
import { attempt, no, type Verifier, verdict, yes } from './verdict.ts';

/** How long git may take to name what has changed, in milliseconds. */
const GIT_MS = 20_000;
/** Branches that changes go into by way of a review. */
const MAIN = ['main', 'master', 'trunk'];

/** A change of the product itself; `name` is a file or folder of it. */
export const verifyCore: Verifier = async ({ home, cwd }, name) => {
  const path = resolve(cwd, name);
  const top = findGit(existsSync(path) ? path : cwd)?.topLevel;
  const inHome = !relative(home.home, path).startsWith('..') && !isAbsolute(relative(home.home, path));
  const place = verdict(
    top !== undefined && existsSync(path) && !inHome,
    inHome ? `${path} is in the Nexo folder` : `${path} is in no repository`,
  );
  if (top === undefined) return [place, no('there is no repository'), no('there is no repository')];
  const branch = readGitBranch(top);
  return [
    place,
    await attempt(async () => {
      const changed = await changedFiles(top);
      if (changed.length === 0) return no('nothing has changed against the main branch');
      const docs = changed.some((file) => /(^|\/)docs?\/|\.md$/i.test(file));
      const tests = changed.some((file) => /(^|\/)tests?\/|\.(test|spec)\./i.test(file));
      if (docs && tests) return yes(`${changed.length} files`);
      return no(
        docs ? 'no test changes with it' : tests ? 'no document changes with it' : 'neither changes with it',
      );
    }),
    verdict(!MAIN.includes(branch) && branch !== 'HEAD', `${branch} is checked out; make a branch`, branch),
  ];
};

/** Files that differ from the point where the branch left the main one, not yet committed ones included. */
async function changedFiles(top: string): Promise<readonly string[]> {
  const git = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await runProcessOrThrow('git', args, {
      cwd: top,
      env: gitEnvironment(),
      timeoutMs: GIT_MS,
    });
    return stdout.split('\0').filter((file) => file !== '');
  };
  const branches = await git('for-each-ref', '--format=%(refname:short)%00', 'refs/heads', 'refs/remotes');
  const names = branches.map((name) => name.trim());
  const main = MAIN.flatMap((name) => [name, `origin/${name}`]).find((name) => names.includes(name));
  const committed = main === undefined ? [] : await git('diff', '--name-only', '-z', `${main}...HEAD`);
  const open = await git('status', '--porcelain', '-z', '--untracked-files=all');
  return [...new Set([...committed, ...open.map((line) => line.slice(3))])].map((file) => join('.', file));
}
