import fs from 'node:fs';
import { join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import { syncFolder } from '../../base/folder.ts';
import { systemErrorCode } from '../../errors.ts';
import { leftoverOf, removedName, stagingName } from '../paths.ts';

/** A private folder in an install root, where a pack is put together. */
export interface Staging {
  readonly folder: string;
  readonly archive: string;
  /** What the archive is unpacked into. */
  readonly tree: string;
  /** Removes it with everything in it; never throws. */
  discard(): void;
}

export function createStaging(root: string): Staging {
  const folder = join(root, stagingName());
  const tree = join(folder, 'tree');
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
    fs.mkdirSync(tree, { mode: 0o755 });
  } catch (error) {
    removeTree(folder);
    throw ioError(folder, 'create', error);
  }
  return { folder, tree, archive: join(folder, 'pack.tar.gz.partial'), discard: () => removeTree(folder) };
}

/**
 * Removes what installers that were ended have left in a root, and puts a pack back whose replacement never came. Only
 * under the root's lock: whatever is found then belongs to nobody that lives. Answers with what was restored.
 */
export function sweepLeftovers(root: string): string[] {
  const restored: string[] = [];
  for (const name of fs.readdirSync(root)) {
    const leftover = leftoverOf(name);
    if (leftover === undefined) continue;
    const path = join(root, name);
    if (leftover.kind === 'replaced' && !exists(join(root, leftover.folder))) {
      fs.renameSync(path, join(root, leftover.folder));
      restored.push(leftover.folder);
    } else {
      removeTree(path);
    }
  }
  return restored;
}

/**
 * Takes a pack away so that nobody ever sees a part of it: renamed to a name that counts for nothing, then deleted.
 * Throws IO_FAILED when it cannot be renamed; then it is still whole.
 */
export function removePackFolder(root: string, folder: string): void {
  const aside = join(root, removedName());
  try {
    fs.renameSync(join(root, folder), aside);
  } catch (error) {
    throw ioError(join(root, folder), 'remove', error);
  }
  syncFolder(fs, root);
  removeTree(aside);
}

/** What cannot be removed now is removed by the next one that takes the lock. */
function removeTree(path: string): void {
  try {
    fs.rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

function exists(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
