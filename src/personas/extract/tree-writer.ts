import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import type { EntrySink } from './agreed-entries.ts';
import type { PlannedEntry } from './entry-plan.ts';
import type { BackgroundFlush } from './flush-tree.ts';

/** A file as it was written. */
export interface WrittenFile {
  /** Relative to the folder that was unpacked into, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Whether it is being flushed already, by who was given to the writer for that. */
  readonly flushed: boolean;
}

interface OpenFile {
  readonly path: string;
  readonly absolute: string;
  readonly descriptor: number;
  readonly hash: Hash;
  size: number;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;
const PROGRAM_MODE = 0o755;

/**
 * Writes the entries of an archive below a folder that is new and ours alone. Every file is made with an exclusive
 * create, so that nothing that stands there is ever written through; rights, owners and times of the archive do not
 * count. Files are flushed while the next ones are written, as far as `flush` takes them; see `flushTree` for the rest.
 */
export class TreeWriter implements EntrySink {
  readonly files: WrittenFile[] = [];
  readonly folders: string[] = [];
  readonly #root: string;
  readonly #isProgram: (path: string) => boolean;
  readonly #made = new Set<string>();
  readonly #flush: BackgroundFlush | undefined;
  #open: OpenFile | undefined;

  constructor(root: string, isProgram: (path: string) => boolean, flush?: BackgroundFlush) {
    this.#root = root;
    this.#isProgram = isProgram;
    this.#flush = flush;
  }

  begin({ kind, path }: PlannedEntry): void {
    if (kind === 'folder') {
      this.#makeFolder(path);
      return;
    }
    this.#makeFolder(path.includes('/') ? dirname(path) : '');
    const absolute = join(this.#root, path);
    try {
      const mode = this.#isProgram(path) ? PROGRAM_MODE : FILE_MODE;
      const descriptor = fs.openSync(absolute, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
      this.#open = { path, absolute, descriptor, hash: createHash('sha256'), size: 0 };
      fs.fchmodSync(descriptor, mode);
    } catch (error) {
      throw ioError(absolute, 'write', error);
    }
  }

  data(chunk: Buffer): void {
    const file = this.#open;
    if (file === undefined) return;
    file.hash.update(chunk);
    file.size += chunk.length;
    try {
      for (let at = 0; at < chunk.length; ) at += fs.writeSync(file.descriptor, chunk, at);
    } catch (error) {
      throw ioError(file.absolute, 'write', error);
    }
  }

  end(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    const { path, absolute, descriptor, hash, size } = file;
    const flushed = this.#flush?.take(descriptor, absolute) ?? false;
    try {
      if (!flushed) fs.closeSync(descriptor);
    } catch (error) {
      throw ioError(absolute, 'write', error);
    }
    this.files.push({ path, size, sha256: hash.digest('hex'), flushed });
  }

  /** Lets go of a file that was under way; for when the work has failed. */
  abandon(): void {
    if (this.#open !== undefined) fs.closeSync(this.#open.descriptor);
    this.#open = undefined;
  }

  #makeFolder(path: string): void {
    if (path === '' || this.#made.has(path)) return;
    this.#makeFolder(path.includes('/') ? dirname(path) : '');
    const absolute = join(this.#root, path);
    try {
      fs.mkdirSync(absolute);
      fs.chmodSync(absolute, FOLDER_MODE);
    } catch (error) {
      throw ioError(absolute, 'create', error);
    }
    this.#made.add(path);
    this.folders.push(path);
  }
}
