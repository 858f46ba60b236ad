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
    // A file stands where a folder of the path belongs, so nothing stands behind it.
    if (systemErrorCode(error) === 'ENOTDIR') return undefined;
    throw ioError(path, 'look at', error);
  }
}
