import fs from 'node:fs';
import { join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import { syncFolder } from '../../base/folder.ts';
import { replacedName } from '../paths.ts';
import type { RootLock } from './root-lock.ts';

export interface Activation {
  readonly root: string;
  /** `<id>-<version>`. */
  readonly folder: string;
  /** A complete and flushed tree on the same file system. */
  readonly tree: string;
  readonly lock: RootLock;
}

/**
 * Gives a complete pack its name, in one step: before it there is nothing (or the pack that is replaced), after it there
 * is the whole pack. A pack that is replaced goes back to its place when the step after does not happen, by us or by the
 * next installer. Throws IO_FAILED, PACK_LOCKED.
 */
export function activate({ root, folder, tree, lock }: Activation): void {
  const target = join(root, folder);
  const isThere = fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined;
  const aside = isThere ? join(root, replacedName(folder)) : undefined;
  lock.assertHeld();
  try {
    if (aside !== undefined) fs.renameSync(target, aside);
    fs.renameSync(tree, target);
  } catch (error) {
    if (aside !== undefined && fs.lstatSync(target, { throwIfNoEntry: false }) === undefined)
      fs.renameSync(aside, target);
    throw ioError(target, 'activate', error);
  }
  syncFolder(fs, root);
  if (aside !== undefined) fs.rmSync(aside, { recursive: true, force: true });
}
