import { constants, type Dirent } from 'node:fs';
import { dirname, join } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import { ioError } from './file-errors.ts';
import { type FileSystem, lookAt } from './file-system.ts';
import { randomHex } from './ids.ts';

/** Makes the folder and its missing parents, each flushed into its parent. */
export function ensureFolder(fs: FileSystem, path: string): void {
  const stat = lookAt(fs, path);
  if (stat?.isDirectory()) return;
  if (stat !== undefined) {
    throw new NexoError('PATH_NOT_A_FILE', `${path} is not a folder.`, {
      hint: 'Move it away and try again.',
      data: { path },
    });
  }
  const parent = dirname(path);
  if (parent !== path) ensureFolder(fs, parent);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    // Another process made it first.
    if (systemErrorCode(error) !== 'EEXIST') throw ioError(path, 'create', error);
    return;
  }
  syncFolder(fs, parent);
}

/** Flushes a folder: its names survive a crash from here on. */
export function syncFolder(fs: FileSystem, folder: string): void {
  try {
    const descriptor = fs.openSync(folder, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    throw ioError(folder, 'flush', error);
  }
}

const TEMPORARY_NAME = /^\.nexo-[0-9a-f]{16}\.tmp$/;

/** A name for a file on its way; nobody guesses it, and `sweepTemporaryFiles` knows it. */
export function temporaryName(): string {
  return `.nexo-${randomHex()}.tmp`;
}

/** Whether a name is one of ours for files on their way, which are swept. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/**
 * Removes temporary files that writers left when they were killed, in a folder and, if `deep`, in those below it. Only
 * under the lock that all writers take. Never throws for a folder that cannot be read: litter hurts nobody.
 */
export function sweepTemporaryFiles(fs: FileSystem, folder: string, { deep = false } = {}): void {
  let entries: Dirent[];
  try {
    // A link in the folder's place would lead to files that are not ours.
    if (!lookAt(fs, folder)?.isDirectory()) return;
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (deep && entry.isDirectory()) sweepTemporaryFiles(fs, join(folder, entry.name), { deep });
    if (!entry.isFile() || !isTemporaryName(entry.name)) continue;
    try {
      fs.unlinkSync(join(folder, entry.name));
    } catch {
      // The next writer tries again.
    }
  }
}
