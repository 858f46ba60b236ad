import nodeFs from 'node:fs';
import { dirname, join } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import { ioError, notAFile } from './file-errors.ts';
import { type FileSystem, isUnreachable } from './file-system.ts';
import { syncFolder, temporaryName } from './folder.ts';

export { type FileSystem, nodeFileSystem } from './file-system.ts';

/** What tells one version of a file from another without reading it. Numbers are decimal text: they exceed 2^53. */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  readonly size: string;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

/** Largest file that is read into memory, in bytes; about half of what fits into one JavaScript string. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

const { O_RDONLY, O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = nodeFs.constants;

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
    closeQuietly(fs, descriptor);
  }
}

/**
 * The identity of the file at `path`, or undefined when there is none (or it is no regular file).
 * Throws IO_FAILED when that cannot be seen.
 */
export function identifyFile(fs: FileSystem, path: string): FileIdentity | undefined {
  try {
    const stat = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() ? toIdentity(stat) : undefined;
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw ioError(path, 'look at', error);
  }
}

/**
 * Throws FILE_CHANGED unless the file at `path` is still the one with this identity (undefined: still absent).
 * Programs that take no lock of ours can write at any time; what they wrote must not be lost.
 */
export function assertUnchanged(fs: FileSystem, path: string, expected: FileIdentity | undefined): void {
  if (isSameIdentity(identifyFile(fs, path), expected)) return;
  throw new NexoError(
    'FILE_CHANGED',
    `${path} was changed by another program in the middle of this change.`,
    {
      hint: 'Nothing was written. Try again.',
      data: { path },
    },
  );
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
 * Returns the new file's identity, or undefined when another program has replaced or changed it since.
 * Throws PATH_NOT_A_FILE when something that is not a regular file stands there, IO_FAILED otherwise.
 */
export function writeFileDurable(
  fs: FileSystem,
  path: string,
  content: string | Buffer,
  options: WriteOptions = {},
): FileIdentity | undefined {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return replaceFile(fs, path, options, (temporary, mode) => {
    const descriptor = fs.openSync(temporary, 'wx', mode ?? DEFAULT_MODE);
    return finishTemporary(fs, descriptor, options, () => {
      // The umask may have taken rights away that the file in place has.
      if (mode !== undefined) fs.fchmodSync(descriptor, mode);
      writeAll(fs, descriptor, bytes, 0);
    });
  });
}

/**
 * Replaces the file at `path` by its first `keepBytes` bytes followed by `tail`, with the promises of
 * `writeFileDurable`. The kept part is copied by the kernel, so a long file costs no parsing and no memory.
 * Throws FILE_CHANGED when the file is not, or no longer, the one with the identity `expected`.
 */
export function writeTailDurable(
  fs: FileSystem,
  path: string,
  { keepBytes, tail, expected }: { keepBytes: number; tail: Buffer; expected: FileIdentity },
  options: WriteOptions = {},
): FileIdentity | undefined {
  return replaceFile(fs, path, options, (temporary, mode) => {
    fs.copyFileSync(path, temporary, nodeFs.constants.COPYFILE_EXCL | nodeFs.constants.COPYFILE_FICLONE);
    // A copy of anything else would be cut at the wrong place.
    assertUnchanged(fs, path, expected);
    const descriptor = fs.openSync(temporary, 'r+');
    return finishTemporary(fs, descriptor, options, () => {
      if (mode !== undefined) fs.fchmodSync(descriptor, mode);
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
  } catch (error) {
    throw ioError(from, 'move', error);
  }
  syncFolder(fs, dirname(to));
  if (dirname(from) !== dirname(to)) syncFolder(fs, dirname(from));
}

/**
 * Adds bytes at the end of a file, making it when it is missing. Takes no lock: one small append is atomic on a local
 * disk. Not flushed. Throws PATH_NOT_A_FILE, IO_FAILED.
 */
export function appendToFile(
  fs: FileSystem,
  path: string,
  compose: (endsInNewline: boolean) => string,
): void {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) throw notAFile(path, 'a special file');
    const bytes = Buffer.from(compose(stat.size === 0 || lastByte(fs, descriptor, stat.size) === NEWLINE));
    const written = fs.writeSync(descriptor, bytes);
    // A second write could land behind somebody else's line.
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`);
  } catch (error) {
    if (error instanceof NexoError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ELOOP' || code === 'EMLINK') throw notAFile(path, 'a symbolic link');
    if (code === 'EISDIR') throw notAFile(path, 'a folder');
    if (code === 'ENXIO' || code === 'EOPNOTSUPP') throw notAFile(path, 'a special file');
    throw ioError(path, 'append to', error);
  } finally {
    if (descriptor !== undefined) closeQuietly(fs, descriptor);
  }
}

const NEWLINE = 10;

function lastByte(fs: FileSystem, descriptor: number, size: number): number | undefined {
  const last = Buffer.alloc(1);
  fs.readSync(descriptor, last, 0, 1, size - 1);
  return last[0];
}

/** For a descriptor whose work is done: closing it can change nothing any more. */
function closeQuietly(fs: FileSystem, descriptor: number): void {
  try {
    fs.closeSync(descriptor);
  } catch {
    // Nothing was written since the last check.
  }
}

/** Mode of a new file before the umask. */
const DEFAULT_MODE = 0o666;

function replaceFile(
  fs: FileSystem,
  path: string,
  { beforeRename, durable = true, mode }: WriteOptions,
  writeTemporary: (temporary: string, mode: number | undefined) => FileIdentity,
): FileIdentity | undefined {
  const temporary = join(dirname(path), temporaryName());
  let written: FileIdentity;
  try {
    const existing = fs.lstatSync(path, { throwIfNoEntry: false });
    if (existing !== undefined && !existing.isFile()) {
      throw notAFile(path, existing.isSymbolicLink() ? 'a symbolic link' : 'not a regular file');
    }
    written = writeTemporary(temporary, existing === undefined ? mode : existing.mode & 0o777);
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
  if (durable) syncFolder(fs, dirname(path));
  return identityAfterRename(fs, path, written);
}

/** The identity of the file that was just put in place; the rename itself has changed its ctime. */
function identityAfterRename(fs: FileSystem, path: string, written: FileIdentity): FileIdentity | undefined {
  try {
    const now = identifyFile(fs, path);
    return isSameIdentity(now && { ...now, ctimeNs: written.ctimeNs }, written) ? now : undefined;
  } catch {
    // The write is done. Not knowing the new identity only means that the file is read again.
    return undefined;
  }
}

function finishTemporary(
  fs: FileSystem,
  descriptor: number,
  { durable = true }: WriteOptions,
  write: () => void,
): FileIdentity {
  try {
    write();
    // Kernels stamp files with a coarse clock, and inode numbers are used again: two versions of equal length that
    // follow each other quickly would look like one. The time in microseconds tells them apart; `performance`
    // would have it too, but takes a millisecond to load.
    const now = Date.now() / 1000 + (process.hrtime()[1] % 1e6) / 1e9;
    fs.futimesSync(descriptor, now, now);
    if (durable) fs.fsyncSync(descriptor);
    return toIdentity(fs.fstatSync(descriptor, { bigint: true }));
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

function toIdentity(stat: nodeFs.BigIntStats): FileIdentity {
  return {
    dev: String(stat.dev),
    ino: String(stat.ino),
    size: String(stat.size),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
  };
}
