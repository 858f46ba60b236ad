import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Deflate } from 'fflate';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { NexoError } from '../errors.ts';
import { isLeftOut } from './left-out.ts';
import { listPackTree, PACK_LIMITS, type PackEntry } from './pack-files.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-writer.ts';

export interface PackArchive {
  readonly bytes: Buffer;
  /** Of `bytes`, 64 small hexadecimal digits. */
  readonly sha256: string;
  /** Paths in the order of the archive, without the wrapping folder. */
  readonly entries: readonly PackEntry[];
}

export interface PackArchiveOptions {
  /** Puts everything below one folder of this name. Without it the pack's files lie at the top. */
  readonly wrapper?: string;
  /** Paths to leave out; see `isLeftOut`. */
  readonly skip?: (path: string) => boolean;
}

/**
 * Packs a folder into a `.tar.gz` that is the same bytes on every machine: entries in the order of their bytes, one
 * time, plain modes, no owner, no name and no time in the gzip header, and a compressor that does not depend on the
 * processor. Throws PACK_CONTENT_INVALID for a link, a special file or a pack above the ceilings, IO_FAILED.
 */
export function packArchive(
  dir: string,
  { wrapper, skip = isLeftOut }: PackArchiveOptions = {},
): PackArchive {
  const { entries, truncated } = listPackTree(dir, { skip });
  if (truncated) throw tooLarge(`${dir} has more than ${PACK_LIMITS.entries} files and folders`);
  const odd = entries.find(({ kind }) => kind === 'link' || kind === 'special');
  if (odd !== undefined) {
    const what = odd.kind === 'link' ? 'a symbolic link' : 'no regular file';
    throw new NexoError(
      'PACK_CONTENT_INVALID',
      `${odd.path} is ${what}, and a pack holds files and folders only.`,
      {
        hint: 'Replace it by the file itself, or move it out of the pack.',
        data: { path: odd.path },
      },
    );
  }
  const gzip = new GzipWriter();
  const prefix = wrapper === undefined ? '' : `${wrapper}/`;
  if (wrapper !== undefined) gzip.write(tarHeader(wrapper, 'folder', 0));
  for (const { path, kind } of entries) {
    if (kind === 'folder') gzip.write(tarHeader(prefix + path, 'folder', 0));
    else gzip.writeFile(prefix + path, readPackFile(join(dir, path), path));
  }
  const bytes = gzip.end();
  if (bytes.length > PACK_LIMITS.archiveBytes)
    throw tooLarge(`the archive has ${bytes.length} bytes, more than ${PACK_LIMITS.archiveBytes}`);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), entries };
}

function readPackFile(file: string, path: string): Buffer {
  const found = readRegularFile(nodeFileSystem, file, PACK_LIMITS.entryBytes);
  if (found !== undefined) return found.bytes;
  throw new NexoError('PACK_CONTENT_INVALID', `${path} went away while it was being packed.`, {
    hint: 'Pack again when nothing changes the folder.',
    data: { path },
  });
}

function tooLarge(what: string): NexoError {
  return new NexoError('PACK_CONTENT_INVALID', `The pack is too large: ${what}.`, {
    hint: 'Leave out what an agent does not read.',
  });
}

/** Deflate, maximal compression, no name, no time, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
/** What the compressor is given at a time; part of what makes the bytes the same. */
const CHUNK_BYTES = 64 * 1024;

class GzipWriter {
  readonly #out: Buffer[] = [GZIP_HEADER];
  readonly #deflate = new Deflate({ level: 9 }, (chunk) => {
    this.#out.push(Buffer.from(chunk));
  });
  #pending = Buffer.alloc(0);
  #crc = 0;
  #size = 0;

  write(bytes: Buffer): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#size += bytes.length;
    if (this.#size > PACK_LIMITS.totalBytes)
      throw tooLarge(`its files have more than ${PACK_LIMITS.totalBytes} bytes`);
    let rest = Buffer.concat([this.#pending, bytes]);
    for (; rest.length > CHUNK_BYTES; rest = rest.subarray(CHUNK_BYTES))
      this.#deflate.push(rest.subarray(0, CHUNK_BYTES));
    this.#pending = rest;
  }

  writeFile(path: string, content: Buffer): void {
    this.write(tarHeader(path, 'file', content.length));
    this.write(content);
    this.write(tarPadding(content.length));
  }

  end(): Buffer {
    this.write(tarEnd());
    this.#deflate.push(this.#pending, true);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#size % 2 ** 32, 4);
    return Buffer.concat([...this.#out, trailer]);
  }
}
