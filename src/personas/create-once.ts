import { dirname, join } from 'node:path';

import { type FileSystem, writeFileDurable } from '../base/durable-file.ts';
import { ioError } from '../base/file-errors.ts';
import { lookAt } from '../base/file-system.ts';
import { syncFolder, temporaryName } from '../base/folder.ts';
import { systemErrorCode } from '../errors.ts';

/**
 * Puts a whole file at `path` unless anything stands there, a dangling link included, and answers whether it did. A
 * reader never sees a part of it, and of several processes exactly one writes. Durable. Throws IO_FAILED.
 */
export function createFileOnce(fs: FileSystem, path: string, bytes: Buffer, mode: number): boolean {
  if (lookAt(fs, path) !== undefined) return false;
  const temporary = join(dirname(path), temporaryName());
  try {
    writeFileDurable(fs, temporary, bytes, { mode });
    // Unlike a rename, a link refuses to take the place of what another process has put there meanwhile.
    fs.linkSync(temporary, path);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw ioError(path, 'create', error);
  } finally {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // It was never made, or the next writer sweeps it.
    }
  }
  syncFolder(fs, dirname(path));
  return true;
}
