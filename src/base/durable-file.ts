import nodeFs from 'node:fs';
import { dirname, join } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import { randomHex } from './ids.ts';

/** The file system as this module uses it; a test passes one that fails or stops at a chosen call. */
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
  | 'copyFileSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'mkdirSync'
>;

export const nodeFileSystem: FileSystem = nodeFs;

/** What tells one version of a file from another without reading it. Numbers are decimal text: they exceed 2^53. */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  readonly size: string;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

/** Largest file that is read into memory, in bytes. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = nodeFs.constants;
const TEMPORARY_NAME = /^\.nexo-[0-9a-f]{16}\.tmp$/;

/**
 * Reads a regular file whole; undefined when there is none.
 * Never follows a link in its place and never waits for a pipe or device.
 * Throws PATH_NOT_A_FILE, FILE_TOO_LARGE or IO_FAILED.
 */
export function readRegularFile(
  fs: FileSystem,
  path: string,
  maxBytes = MAX_FILE_BYTES,
): { bytes: Buffer; identity: FileIdentity } | undefined {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'EMLINK') throw notAFile(path, 'a symbolic link');
    if (code === 'ENXIO' || code === 'EOPNOTSUPP') throw notAFile(path, 'a special file');
    throw ioError(path, 'read', error);
  }
  try {
    const stat = fs.fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) throw notAFile(path, stat.isDirectory() ? 'a folder' : 'a special file');
    if (stat.size > BigInt(maxBytes)) {
      throw new NexoError('FILE_TOO_LARGE', `${path} has ${stat.size} bytes; at most ${maxBytes} are read.`, {
        hint: 'Move it away, or make it smaller.',
        data: { path },
      });
    }
    return { bytes: fs.readFileSync(descriptor), identity: toIdentity(stat) };
  } catch (error) {
    throw error instanceof NexoError ? error : ioError(path, 'read', error);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The identity of the file at `path`, or undefined when there is none (or it is no regular file). */
export function identifyFile(fs: FileSystem, path: string): FileIdentity | undefined {
  const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? toIdentity(stat) : undefined;
}

export function isSameIdentity(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.ino === b.ino &&
    a.size === b.size &&
    a.ctimeNs === b.ctimeNs &&
    a.mtimeNs === b.mtimeNs &&
    a.dev === b.dev
  );
}

export interface WriteOptions {
  /** Runs when the new file is on disk and before it takes the old one's name; may throw to call the write off. */
  beforeRename?: () => void;
  /** False for caches that may be lost: no flush. Default true. */
  durable?: boolean;
  /** Permissions of a new file; an existing file keeps its own. */
  mode?: number;
}

/**
 * Replaces the file at `path` so that a reader sees the old or the new content, never a mixture, and so that the
 * new one survives a crash once this returns: temporary file beside it → fsync → rename → fsync of the folder.
 * Throws PATH_NOT_A_FILE when something that is not a regular file stands there, IO_FAILED otherwise.
 */
export function writeFileDurable(
  fs: FileSystem,
  path: string,
  content: string | Buffer,
  options: WriteOptions = {},
): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  replaceFile(fs, path, options, (temporary, mode) => {
    const descriptor = fs.openSync(temporary, 'wx', mode);
    return finishTemporary(fs, descriptor, options, () => {
      // The umask may have taken rights away that the file in place has.
      if (mode !== DEFAULT_MODE) fs.fchmodSync(descriptor, mode);
      writeAll(fs, descriptor, bytes, 0);
    });
  });
}

/**
 * Replaces the file at `path` by its first `keepBytes` bytes followed by `tail`, with the promises of
 * `writeFileDurable`. The kept part is copied by the kernel, so a long file costs no parsing and no memory.
 */
export function writeTailDurable(
  fs: FileSystem,
  path: string,
  { keepBytes, tail }: { keepBytes: number; tail: Buffer },
  options: WriteOptions = {},
): void {
  replaceFile(fs, path, options, (temporary, mode) => {
    fs.copyFileSync(path, temporary, nodeFs.constants.COPYFILE_EXCL | nodeFs.constants.COPYFILE_FICLONE);
    const descriptor = fs.openSync(temporary, 'r+');
    return finishTemporary(fs, descriptor, options, () => {
      fs.fchmodSync(descriptor, mode);
      fs.ftruncateSync(descriptor, keepBytes);
      writeAll(fs, descriptor, tail, keepBytes);
    });
  });
}

/** Removes the file at `path` if it is there and makes the removal survive a crash. Returns whether it was there. */
export function removeFileDurable(fs: FileSystem, path: string): boolean {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw ioError(path, 'remove', error);
  }
  syncFolder(fs, dirname(path));
  return true;
}

/** Renames within one file system and makes it survive a crash. */
export function moveFileDurable(fs: FileSystem, from: string, to: string): void {
  try {
    fs.renameSync(from, to);
    syncFolder(fs, dirname(to));
    if (dirname(from) !== dirname(to)) syncFolder(fs, dirname(from));
  } catch (error) {
    throw ioError(from, 'move', error);
  }
}

/** Makes the folder and its missing parents, each flushed into its parent. */
export function ensureFolder(fs: FileSystem, path: string): void {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  if (stat !== undefined)
    throw new NexoError('PATH_NOT_A_FILE', `${path} is not a folder.`, notAFolderDetail(path));
  const parent = dirname(path);
  if (parent !== path) ensureFolder(fs, parent);
  try {
    fs.mkdirSync(path);
    syncFolder(fs, parent);
  } catch (error) {
    // Another process made it first.
    if (systemErrorCode(error) !== 'EEXIST') throw ioError(path, 'create', error);
  }
}

/** Removes temporary files that writers left when they were killed. Only under the lock that all writers take. */
export function sweepTemporaryFiles(fs: FileSystem, folder: string): void {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw ioError(folder, 'read', error);
  }
  for (const name of names) {
    if (!TEMPORARY_NAME.test(name)) continue;
    try {
      fs.unlinkSync(join(folder, name));
    } catch {
      // Litter that cannot be removed hurts nobody.
    }
  }
}

/** Mode of a new file before the umask. */
const DEFAULT_MODE = 0o666;

function replaceFile(
  fs: FileSystem,
  path: string,
  { beforeRename, durable = true, mode }: WriteOptions,
  writeTemporary: (temporary: string, mode: number) => void,
): void {
  const temporary = join(dirname(path), `.nexo-${randomHex()}.tmp`);
  try {
    const existing = fs.lstatSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) {
      throw notAFile(path, existing.isSymbolicLink() ? 'a symbolic link' : 'not a regular file');
    }
    writeTemporary(temporary, existing === undefined ? (mode ?? DEFAULT_MODE) : existing.mode & 0o777);
    beforeRename?.();
    fs.renameSync(temporary, path);
  } catch (error) {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // It was never made, or the next writer sweeps it.
    }
    throw error instanceof NexoError ? error : ioError(path, 'write', error);
  }
  if (durable) {
    try {
      syncFolder(fs, dirname(path));
    } catch (error) {
      throw ioError(path, 'flush', error);
    }
  }
}

function finishTemporary(
  fs: FileSystem,
  descriptor: number,
  { durable = true }: WriteOptions,
  write: () => void,
): void {
  try {
    write();
    if (durable) fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function writeAll(fs: FileSystem, descriptor: number, bytes: Buffer, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

function syncFolder(fs: FileSystem, folder: string): void {
  const descriptor = fs.openSync(folder, O_RDONLY | (O_DIRECTORY ?? 0));
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function toIdentity(stat: nodeFs.BigIntStats): FileIdentity {
  return {
    dev: String(stat.dev),
    ino: String(stat.ino),
    size: String(stat.size),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
  };
}

function notAFile(path: string, what: string): NexoError {
  return new NexoError('PATH_NOT_A_FILE', `${path} is ${what}, where a regular file belongs.`, {
    hint: 'Move it away and try again.',
    data: { path },
  });
}

function notAFolderDetail(path: string): { hint: string; data: { path: string } } {
  return { hint: 'Move it away and try again.', data: { path } };
}

function ioError(path: string, action: string, error: unknown): NexoError {
  const code = systemErrorCode(error);
  const reason = REASONS[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new NexoError('IO_FAILED', `Could not ${action} ${path}: ${reason}.`, {
    hint:
      code === 'ENOSPC'
        ? 'Free some disk space and try again.'
        : 'Check the folder and its permissions, then try again.',
    data: { path, system: code ?? 'unknown' },
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reported an error',
  ENOENT: 'its folder is gone',
  ENAMETOOLONG: 'the name is too long',
};
