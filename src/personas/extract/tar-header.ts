import { packError } from '../pack-error.ts';

/** Size of a tar record, in bytes. */
export const BLOCK = 512;

/** One header as it stands in the archive, before any extension applies. */
export interface TarHeader {
  /** The type flag, one character; `\0` is the old spelling of `0`. */
  readonly type: string;
  readonly name: Buffer;
  readonly size: number;
}

/** A fault in how an archive is framed. */
export function corrupt(what: string): Error {
  return packError('CorruptArchive', `the archive ${what}.`, {
    hint: 'Download it again; if it stays so, tell the author of the pack.',
  });
}

/** Reads a header block strictly: checksum, magic and numbers have to be right. Throws PACK_ARCHIVE_DAMAGED. */
export function readHeader(block: Buffer): TarHeader {
  if (readOctal(block, 148, 8, 'checksum') !== checksumOf(block))
    throw corrupt('has a header with a wrong checksum');
  const type = String.fromCharCode(block[156] ?? 0);
  const size = readNumber(block, 124, 12);
  const magic = block.toString('latin1', 257, 265);
  const isPosix = magic === 'ustar\u000000';
  if (!isPosix && magic !== 'ustar  \0' && !/^\0{8}$/.test(magic))
    throw corrupt('is of an unknown kind of tar');
  const name = untilNul(block.subarray(0, 100));
  // Only the POSIX form continues a name in front of it; GNU's keeps times there.
  const prefix = isPosix ? untilNul(block.subarray(345, 500)) : Buffer.alloc(0);
  return { type, size, name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]) };
}

const ZERO_BLOCK = Buffer.alloc(BLOCK);

export function isZeroBlock(block: Buffer): boolean {
  return block.equals(ZERO_BLOCK);
}

export function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** The sum of all bytes, with those of the checksum itself counted as spaces. */
export function checksumOf(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

/** A size, in octal or, for large ones, as a binary number with the highest bit set. */
function readNumber(block: Buffer, at: number, length: number): number {
  const first = block[at] ?? 0;
  if ((first & 0x80) === 0) return readOctal(block, at, length, 'size');
  // The next bit is the sign.
  if (first !== 0x80) throw corrupt('has an entry with a negative or impossible size');
  const high = block.subarray(at + 1, at + length - 6);
  const value = block.readUIntBE(at + length - 6, 6);
  if (high.some((byte) => byte !== 0) || !Number.isSafeInteger(value))
    throw corrupt('has an entry with a negative or impossible size');
  return value;
}

function readOctal(block: Buffer, at: number, length: number, what: string): number {
  const text = block.toString('latin1', at, at + length);
  const digits = /^ *([0-7]*)[ \0]*$/.exec(text)?.[1];
  if (digits === undefined || (digits === '' && what === 'checksum'))
    throw corrupt(`has a header with no ${what}`);
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}
