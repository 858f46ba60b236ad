/** Bytes of one tar record. */
const BLOCK = 512;
/** What a `name` and a `prefix` field hold, in bytes. */
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** The same moment for everything, 1980-01-01: nothing about the day of packing goes into the archive. */
const MTIME_SECONDS = 315_532_800;

/** Header blocks of one entry, in the `ustar` form of POSIX, with a `pax` header before it where the name needs one. */
export function tarHeader(path: string, kind: 'file' | 'folder', size: number): Buffer {
  const name = kind === 'folder' ? `${path}/` : path;
  const mode = kind === 'folder' ? 0o755 : 0o644;
  const fields = { mode, size, type: kind === 'folder' ? '5' : '0' };
  const split = splitName(name);
  if (split !== undefined) return header({ ...fields, ...split });
  const record = paxRecord('path', name);
  return Buffer.concat([
    header({ name: 'PaxHeader/path', prefix: '', mode: 0o644, size: record.length, type: 'x' }),
    padded(record),
    header(
      { ...fields, name: Buffer.from(name).subarray(0, NAME_BYTES).toString('latin1'), prefix: '' },
      'latin1',
    ),
  ]);
}

/** Zeros that fill the last block of a file of this size. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Two empty blocks end an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

interface Fields {
  readonly name: string;
  readonly prefix: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
}

function header({ name, prefix, mode, size, type }: Fields, encoding: BufferEncoding = 'ascii'): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, NAME_BYTES, encoding);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108); // user
  block.write(octal(0, 7), 116); // group
  block.write(octal(size, 11), 124);
  block.write(octal(MTIME_SECONDS, 11), 136);
  block.write('        ', 148); // the checksum counts as blanks while it is computed
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  block.write(octal(0, 7), 329); // device
  block.write(octal(0, 7), 337);
  block.write(prefix, 345, PREFIX_BYTES, encoding);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\u0000 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Where a plain name fits into the two fields; undefined when it needs a `pax` header. */
function splitName(name: string): { name: string; prefix: string } | undefined {
  if (!/^[\x20-\x7e]*$/.test(name)) return undefined;
  if (name.length <= NAME_BYTES) return { name, prefix: '' };
  const cut = name.indexOf('/', name.length - NAME_BYTES - 1);
  // A folder's own slash is no place to cut.
  if (cut < 1 || cut > PREFIX_BYTES || cut === name.length - 1) return undefined;
  return { name: name.slice(cut + 1), prefix: name.slice(0, cut) };
}

/** `length key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, tarPadding(bytes.length)]);
}
