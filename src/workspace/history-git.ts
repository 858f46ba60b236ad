import { execFileSync } from 'node:child_process';

import { findGit, gitEnvironment } from '../base/git-branch.ts';

/** Largest committed history that is read, in bytes. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The history as the last commit has it; undefined without git, without a commit, or when it is not tracked. */
export function readCommittedHistory(root: string): string | undefined {
  if (findGit(root) === undefined) return undefined;
  try {
    return execFileSync('git', ['-C', root, 'cat-file', 'blob', 'HEAD:./.nexus/history.json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: gitEnvironment(),
      maxBuffer: MAX_BYTES,
      timeout: 30_000,
    });
  } catch {
    // Not tracked, no commit yet, or no git program: there is nothing to restore from there.
    return undefined;
  }
}
