import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';

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
  hash.update(readAt(file, Buffer.alloc(headerBytes), 0));
  let length = 0;
  let checksum = 0;
  let fault: unknown;
  inflate.on('error', (error) => {
    fault ??= error;
  });
  const take = (chunk: Buffer): void => {
    if (fault !== undefined) return;
    try {
      length += chunk.length;
      checksum = crc32(chunk, checksum);
      onData(chunk);
    } catch (error) {
      fault = error;
      inflate.destroy();
    }
  };
  // Not at once: Node's thread is given its next piece first, and inflates while this one is worked on. Microtasks are
  // done before the thread can answer again, so that never more than one piece waits.
  inflate.on('data', (chunk: Buffer) => queueMicrotask(() => take(chunk)));
  const ended = new Promise<void>((resolve) => inflate.once('close', resolve));
  try {
    // One buffer for all pieces: each is used up before the next is read.
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let at = headerBytes; at < trailerAt && fault === undefined; ) {
      file.signal.throwIfAborted();
      const chunk = readAt(file, buffer.subarray(0, Math.min(CHUNK_BYTES, trailerAt - at)), at);
      at += chunk.length;
      const used = Promise.race([written(inflate, chunk), ended]);
      hash.update(chunk);
      await used;
      // It has come to its own end before that of the file, and takes no more.
      if (inflate.readableEnded || inflate.bytesWritten < at - headerBytes) break;
    }
    inflate.end();
    if (fault === undefined) await ended;
  } finally {
    inflate.destroy();
  }
  if (fault !== undefined) throw isZlibFault(fault) ? damaged(file, 'is not intact gzip data') : fault;
  if (headerBytes + inflate.bytesWritten !== trailerAt) throw damaged(file, 'has more after its end');
  const trailer = readAt(file, Buffer.alloc(TRAILER_BYTES), trailerAt);
  hash.update(trailer);
  if (trailer.readUInt32LE(0) !== checksum) throw damaged(file, 'fails its checksum');
  // The length is kept modulo 2^32, far above what is accepted.
  if (trailer.readUInt32LE(4) !== length >>> 0) throw damaged(file, 'is not as long as it says');
  return hash.digest('hex');
}

/** Resolves once all of the piece has been used. */
function written(inflate: InflateRaw, chunk: Buffer): Promise<void> {
  // Whatever is wrong is told by the error event.
  return new Promise((resolve) => inflate.write(chunk, () => resolve()));
}

function isZlibFault(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code?.startsWith('Z_') === true || code === 'ERR_STREAM_PUSH_AFTER_EOF';
}

function readAt(file: GzipFile, into: Buffer, position: number): Buffer {
  let read = 0;
  while (read < into.length) {
    const count = readSync(file.descriptor, into, read, into.length - read, position + read);
    if (count === 0) throw damaged(file, 'became shorter while it was read');
    read += count;
  }
  return into;
}

/** Where the compressed data begin: the fixed part of the header, then whichever fields its flags announce. */
function headerLength(file: GzipFile): number {
  const head = readAt(file, Buffer.alloc(Math.min(file.size, MAX_HEADER_BYTES)), 0);
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
