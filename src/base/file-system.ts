import nodeFs from 'node:fs';

import { systemErrorCode } from '../errors.ts';
import { ioError } from './file-errors.ts';

/** The file system as our writing modules use it; a test passes one that fails or stops at a chosen call. */
export type FileSystem = Pick<
  typeof nodeFs,
  | 'openSync'
  | 'closeSync'
  | 'fstatSync'
  | 'lstatSync'
  | 'readFileSync'
  | 'readSync'
  | 'readdirSync'
  | 'writeSync'
  | 'fsyncSync'
  | 'fchmodSync'
  | 'ftruncateSync'
  | 'futimesSync'
  | 'copyFileSync'
  | 'linkSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'mkdirSync'
>;

export const nodeFileSystem: FileSystem = nodeFs;

/** What stands at `path`, itself and not what it links to; undefined when nothing does. Throws IO_FAILED. */
export function lookAt(fs: FileSystem, path: string): nodeFs.Stats | undefined {
  try {
    return fs.lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw ioError(path, 'look at', error);
  }
}

/** Whether a file, or a link to itself, stands where a folder of the path belongs: nothing stands behind it. */
export function isUnreachable(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === 'ENOTDIR' || code === 'ELOOP';
}
