import { copyFileSync, existsSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { type Clock, isoTime, systemClock } from '../../base/clock.ts';
import { nodeFileSystem } from '../../base/durable-file.ts';
import { ioError } from '../../base/file-errors.ts';
import { ensureFolder, syncFolder } from '../../base/folder.ts';
import { systemErrorCode } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';

export interface Trashed {
  readonly from: string;
  readonly to: string;
  /** A command that brings it back. */
  readonly restore: string;
}

/** Moves a file out of the way, where nobody deletes it. A link moves as the link that it is. Throws IO_FAILED. */
export function moveToTrash(
  paths: Pick<HomePaths, 'state'>,
  from: string,
  clock: Clock = systemClock,
): Trashed {
  const folder = join(paths.state, 'trash', 'scripts');
  ensureFolder(nodeFileSystem, folder, 0o700);
  const stamp = isoTime(clock).replace(/[-:.]/g, '');
  const to = freeName(join(folder, `${stamp}-${basename(from)}`));
  try {
    renameSync(from, to);
  } catch (error) {
    // The state may lie on another disk.
    if (systemErrorCode(error) !== 'EXDEV') throw ioError(from, 'move', error);
    copyFileSync(from, to);
    syncFolder(nodeFileSystem, folder);
    unlinkSync(from);
  }
  syncFolder(nodeFileSystem, folder);
  syncFolder(nodeFileSystem, dirname(from));
  return { from, to, restore: `mv ${shellWord(to)} ${shellWord(from)}` };
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? path : `${path}.${number}`;
    if (!existsSync(name)) return name;
  }
}

/** One word for a shell, for a person to paste. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
