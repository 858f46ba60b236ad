import { constants, type Dirent } from 'node:fs';
import { dirname, join } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import { ioError } from './file-errors.ts';
import { type FileSystem, lookAt } from './file-system.ts';
import { randomHex } from './ids.ts';

/** Makes the folder and its missing parents, each flushed into its parent; `mode` is for the folder itself. */
export function ensureFolder(fs: FileSystem, path: string, mode = 0o777): void {
  const stat = lookAt(fs, path);
  if (stat?.isDirectory()) return;
  if (stat !== undefined) {
    throw new NexoError('PATH_NOT_A_FILE', `${path} is not a folder.`, {
      hint: 'Move it away and try again.',
      data: { path },
    });
  }
  if (!makeFolder(fs, path, mode)) {
    ensureFolder(fs, dirname(path));
    // Somebody may take the parent away in this moment.
    if (!makeFolder(fs, path, mode)) throw ioError(path, 'create', new Error('its parent was removed'));
  }
}

/** False when its parent is missing or is no folder; a parent that is a link to a folder serves. */
function makeFolder(fs: FileSystem, path: string, mode: number): boolean {
  try {
    fs.mkdirSync(path, { mode });
  } catch (error) {
    const code = systemErrorCode(error);
    // Another process made it first.
    if (code === 'EEXIST') return true;
    if ((code === 'ENOENT' || code === 'ENOTDIR') && dirname(path) !== path) return false;
    throw ioError(path, 'create', error);
  }
  syncFolder(fs, dirname(path));
  return true;
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
