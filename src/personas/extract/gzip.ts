import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';

import { systemErrorCode } from '../../errors.ts';
import { packError } from '../pack-error.ts';

/** Read at a time, and inflated at a time, in bytes. */
const CHUNK_BYTES = 256 * 1024;
/** Longest gzip header that is read: the name and comment in it are of no use to us. */
const MAX_HEADER_BYTES = 64 * 1024;
const TRAILER_BYTES = 8;

const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

export interface GzipFile {
  readonly descriptor: number;
  readonly size: number;
  readonly name: string;
  readonly signal: AbortSignal;
}

/**
 * Inflates a file that is exactly one gzip member (RFC 1952), and answers at the end with the sha256 of the bytes that
 * were inflated. Node's own gunzip accepts several members and ignores what follows them; here the header, the checksum,
 * the length and the end of the file are all part of the check. Throws PACK_ARCHIVE_DAMAGED.
 */
export async function inflateFile(file: GzipFile, onData: (chunk: Buffer) => void): Promise<string> {
  const hash = createHash('sha256');
  const headerBytes = headerLength(file);
  const trailerAt = file.size - TRAILER_BYTES;
  if (trailerAt <= headerBytes) throw damaged(file, 'ends in the middle');
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  hash.update(readAt(file, 0, headerBytes));
  const source = Readable.from(compressedChunks(file, headerBytes, trailerAt, (chunk) => hash.update(chunk)));
  let length = 0;
  let checksum = 0;
  try {
    source.on('error', (error) => inflate.destroy(error));
    for await (const chunk of source.pipe(inflate) as AsyncIterable<Buffer>) {
      file.signal.throwIfAborted();
      length += chunk.length;
      checksum = crc32(chunk, checksum);
      onData(chunk);
    }
  } catch (error) {
    if (systemErrorCode(error)?.startsWith('Z_') || systemErrorCode(error) === 'ERR_STREAM_PUSH_AFTER_EOF')
      throw damaged(file, 'is not intact gzip data');
    throw error;
  } finally {
    source.destroy();
    inflate.destroy();
  }
  if (headerBytes + inflate.bytesWritten !== trailerAt) throw damaged(file, 'has more after its end');
  const trailer = readAt(file, trailerAt, TRAILER_BYTES);
  hash.update(trailer);
  if (trailer.readUInt32LE(0) !== checksum) throw damaged(file, 'fails its checksum');
  // The length is kept modulo 2^32, far above what is accepted.
  if (trailer.readUInt32LE(4) !== length >>> 0) throw damaged(file, 'is not as long as it says');
  return hash.digest('hex');
}

function* compressedChunks(
  file: GzipFile,
  from: number,
  to: number,
  seen: (chunk: Buffer) => void,
): Generator<Buffer> {
  for (let at = from; at < to; ) {
    const chunk = readAt(file, at, Math.min(CHUNK_BYTES, to - at));
    seen(chunk);
    at += chunk.length;
    yield chunk;
  }
}

function readAt(file: GzipFile, position: number, length: number): Buffer {
  const chunk = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = readSync(file.descriptor, chunk, read, length - read, position + read);
    if (count === 0) throw damaged(file, 'became shorter while it was read');
    read += count;
  }
  return chunk;
}

/** Where the compressed data begin: the fixed part of the header, then whichever fields its flags announce. */
function headerLength(file: GzipFile): number {
  const head = readAt(file, 0, Math.min(file.size, MAX_HEADER_BYTES));
  if (head.length < 18 || head[0] !== 0x1f || head[1] !== 0x8b) throw damaged(file, 'is not gzip');
  const flags = head[3] ?? 0;
  if (head[2] !== 8 || (flags & FLAG.reserved) !== 0)
    throw damaged(file, 'is gzip of a kind that nobody writes');
  let at = 10;
  if ((flags & FLAG.extra) !== 0) at += 2 + head.readUInt16LE(at);
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const end = head.indexOf(0, at);
    if (end === -1) throw damaged(file, 'has a header without end');
    at = end + 1;
  }
  if ((flags & FLAG.headerCrc) !== 0) {
    if (at + 2 > head.length) throw damaged(file, 'ends in the middle');
    if (head.readUInt16LE(at) !== (crc32(head.subarray(0, at)) & 0xffff))
      throw damaged(file, 'fails the checksum of its header');
    at += 2;
  }
  if (at >= head.length && file.size > head.length) throw damaged(file, 'has a header that is too long');
  return at;
}

function damaged({ name }: GzipFile, what: string): Error {
  return packError('CorruptArchive', `${name} ${what}.`);
}
