import { lstatSync } from 'node:fs';
import { join } from 'node:path';

import { runProcess } from '../../base/process.ts';
import { isWithin, type Targets } from './targets.ts';

/** Files of a project and what tells one version of them from another. */
export type FileMarks = ReadonlyMap<string, string>;

/** Larger projects are told by the files that their tasks name. */
const MAX_FILES = 50_000;

/** A look at the project's files as git lists them, or, without git, at those that a task names. */
export async function lookAtFiles(root: string, targets: Targets): Promise<FileMarks> {
  const listed = await listByGit(root);
  const paths = listed ?? (targets.kind === 'named' ? targets.paths : []);
  const marks = new Map<string, string>();
  for (const path of paths) {
    if (path === '' || isWithin(path, '.nexus')) continue;
    const stat = lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false });
    if (stat?.isFile() === true || stat?.isSymbolicLink() === true)
      marks.set(path, `${stat.ino}:${stat.size}:${stat.mtimeNs}`);
  }
  return marks;
}

/** Paths that were made, changed or removed in between. */
export function changedBetween(before: FileMarks, after: FileMarks): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

async function listByGit(root: string): Promise<readonly string[] | undefined> {
  try {
    const { code, stdout, truncated } = await runProcess(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      { cwd: root, timeoutMs: 20_000, maxOutputBytes: 16 * 1024 * 1024 },
    );
    const paths = stdout.split('\0');
    return code !== 0 || truncated || paths.length > MAX_FILES ? undefined : paths;
  } catch {
    return undefined; // there is no git
  }
}
