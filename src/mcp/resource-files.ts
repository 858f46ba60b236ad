import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { assertInside } from '../base/safe-path.ts';
import { systemErrorCode } from '../errors.ts';
import { workspacePaths } from '../workspace/workspace.ts';

/** The folders of `.nexus/` whose files people and agents write by hand. */
export const RESOURCE_FOLDERS = ['memory', 'context', 'rules'] as const;
export type ResourceFolder = (typeof RESOURCE_FOLDERS)[number];

/** Largest file that is handed out, in bytes: far more than a model can use, and little enough to hold in memory. */
export const MAX_RESOURCE_BYTES = 1024 * 1024;

/** Most files listed of one folder; the rest can still be read by name. */
const MAX_LISTED = 1000;
const MAX_NAME_BYTES = 255;

export interface ResourceFile {
  readonly folder: ResourceFolder;
  readonly name: string;
  readonly bytes: number;
  /** Epoch milliseconds, and the inode: together with the size they tell one version from the next. */
  readonly modifiedMs: number;
  readonly inode: number;
}

/** The regular files of one folder in the order of their names; none when it is absent or leads out of the project. */
export function listResourceFiles(root: string, folder: ResourceFolder): ResourceFile[] {
  const path = join(workspacePaths.nexus(root), folder);
  return namesIn(root, path)
    .filter(isSafeName)
    .sort()
    .slice(0, MAX_LISTED)
    .flatMap((name) => {
      const stat = lstatSync(join(path, name), { throwIfNoEntry: false });
      if (stat?.isFile() !== true) return [];
      return [{ folder, name, bytes: stat.size, modifiedMs: stat.mtimeMs, inode: stat.ino }];
    });
}

/**
 * The bytes of one file; undefined when there is none of that name.
 * Throws PATH_ESCAPES, PATH_NOT_A_FILE, FILE_TOO_LARGE or IO_FAILED.
 */
export function readResourceFile(root: string, folder: ResourceFolder, name: string): Buffer | undefined {
  if (!isSafeName(name)) return undefined;
  const path = join(workspacePaths.nexus(root), folder);
  assertInside(root, path);
  return readRegularFile(nodeFileSystem, join(path, name), MAX_RESOURCE_BYTES)?.bytes;
}

/** One plain visible file name, on any platform. */
function isSafeName(name: string): boolean {
  return (
    name !== '' &&
    !name.startsWith('.') &&
    name.isWellFormed() &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    !/[\\/:\u0000-\u001f\u007f]/.test(name) &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES
  );
}

function namesIn(root: string, path: string): string[] {
  try {
    assertInside(root, path);
    return readdirSync(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'PATH_ESCAPES') return [];
    throw error;
  }
}
