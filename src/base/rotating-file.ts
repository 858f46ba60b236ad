import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { systemErrorCode } from '../errors.ts';
import { type Clock, isoTime, systemClock } from './clock.ts';

/** The end of the name of a file that was set aside: time, process, count. Others' files are left alone. */
const SET_ASIDE = /^\d{8}T\d{6}\.\d{3}Z-\d+-\d{6}$/;

export interface RotatingFileOptions {
  readonly path: string;
  /** Size at which the file is set aside and a new one begun, in bytes. */
  readonly maxBytes: number;
  /** How many files that were set aside are kept; they lie beside it with the time as the end of their name. */
  readonly keep: number;
  readonly clock?: Clock;
}

/**
 * Appends lines to a file that only its owner can read and that never grows beyond its bound. Several processes may
 * append to the same one. It never throws: where a line cannot be written (a full disk, no permission), it is
 * counted in `lostLines`, and the next one is tried again.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #fd: number | undefined;
  #bytes = 0;
  #lostLines = 0;
  #setAsides = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Lines that could not be written since the last one that could. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** `line` ends in a line break. */
  write(line: string): void {
    try {
      const bytes = Buffer.from(line);
      const fd = this.#open(bytes.length);
      // One call for a line: the system keeps the lines of several writers apart.
      const written = writeSync(fd, bytes);
      this.#bytes += written;
      if (written < bytes.length) throw new Error('the disk is full');
      this.#lostLines = 0;
    } catch {
      // A log that fails must not break the work it tells about. The next line opens the file anew.
      this.#lostLines += 1;
      this.close();
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    try {
      closeSync(this.#fd);
    } catch {
      // Nothing is buffered here that could be lost.
    }
    this.#fd = undefined;
  }

  #open(moreBytes: number): number {
    const { path, maxBytes } = this.#options;
    if (this.#fd !== undefined && this.#bytes + moreBytes > maxBytes) {
      const ours = fstatSync(this.#fd);
      this.close();
      // Another process may have set it aside already; then the file at this path is its new one.
      if (isSame(ours, statSync(path, { throwIfNoEntry: false }))) this.#setAside();
    }
    if (this.#fd === undefined) {
      this.#fd = openPrivate(path);
      this.#bytes = fstatSync(this.#fd).size;
      if (this.#bytes + moreBytes > maxBytes && this.#bytes > 0) {
        this.close();
        this.#setAside();
        this.#fd = openPrivate(path);
        this.#bytes = 0;
      }
      this.#endTornLine(this.#fd);
    }
    return this.#fd;
  }

  #setAside(): void {
    const { path, keep, clock = systemClock } = this.#options;
    // A name of its own instead of counting up `.1`, `.2`: two processes that do this at once lose nothing.
    const time = isoTime(clock).replace(/[-:]/g, '');
    this.#setAsides += 1;
    try {
      renameSync(path, `${path}.${time}-${process.pid}-${String(this.#setAsides).padStart(6, '0')}`);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      // another process was faster
    }
    const name = `${basename(path)}.`;
    const old = readdirSync(dirname(path))
      .filter((file) => file.startsWith(name) && SET_ASIDE.test(file.slice(name.length)))
      .sort();
    for (const file of old.slice(0, Math.max(0, old.length - keep)))
      rmSync(join(dirname(path), file), { force: true });
  }

  /** A crash in the middle of a line must not spoil the first line after it. */
  #endTornLine(fd: number): void {
    if (this.#bytes === 0) return;
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, this.#bytes - 1);
    if (last[0] !== 0x0a) this.#bytes += writeSync(fd, '\n');
  }
}

function openPrivate(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Never through a link, which could lead the log over any file of the user's. Windows has no such flag.
  const noFollow = constants.O_NOFOLLOW ?? 0;
  // Not blocking: a pipe in place of the file would wait for a reader.
  const nonBlock = constants.O_NONBLOCK ?? 0;
  const fd = openSync(
    path,
    constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noFollow | nonBlock,
    0o600,
  );
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error(`${path} is not a file`);
    if ((stats.mode & 0o077) !== 0) fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  return b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
