import { packError } from '../pack-error.ts';
import { corrupt } from './tar-header.ts';

/** What an extension header changes about the entry after it. */
export interface Overrides {
  path?: Buffer;
  size?: number;
}

/** Keys that describe holes in a file, which we do not make. */
const SPARSE_KEY = /^(?:GNU\.sparse|SCHILY\.realsize|SUN\.holes)/;

/**
 * Reads the records `length key=value\n` of a POSIX extension header. A record that is not exactly as long as it says,
 * a link target, holes in a file, or a character set other than UTF-8 are refused; what we do not use is skipped.
 */
export function readExtension(body: Buffer): Overrides {
  const overrides: Overrides = {};
  const seen = new Set<string>();
  for (const [key, value] of recordsOf(body)) {
    if (key === 'linkpath') throw disallowed('a link');
    if (SPARSE_KEY.test(key)) throw disallowed('a file with holes');
    if (key === 'hdrcharset' && value.toString('latin1') !== 'ISO-IR 10646 2000 UTF-8')
      throw corrupt('has names in another character set than UTF-8');
    if (key !== 'path' && key !== 'size') continue;
    if (seen.has(key) || value.length === 0)
      throw corrupt(`gives the ${key} of an entry twice or not at all`);
    seen.add(key);
    if (key === 'path') overrides.path = value;
    else overrides.size = readSize(value);
  }
  return overrides;
}

/** A global header may say something about the archive, and nothing about its entries. */
export function assertOnlyComments(body: Buffer): void {
  for (const [key] of recordsOf(body)) {
    if (key !== 'comment') throw corrupt(`sets ${JSON.stringify(key.slice(0, 40))} for all of its entries`);
  }
}

function* recordsOf(body: Buffer): Generator<[key: string, value: Buffer]> {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits = space === -1 || space - at > 7 ? '' : body.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^[1-9]\d*$/.test(digits) || end > body.length || end <= space + 1 || body[end - 1] !== 0x0a)
      throw corrupt('has a malformed extension header');
    const equals = body.indexOf(0x3d, space + 1);
    if (equals <= space + 1 || equals >= end) throw corrupt('has a malformed extension header');
    const key = body.toString('latin1', space + 1, equals);
    const value = body.subarray(equals + 1, end - 1);
    // The library cuts records at line breaks, so that a break inside one would make two readers disagree.
    if (value.includes(0x0a) || value.includes(0) || /[^\x21-\x7e]/.test(key))
      throw corrupt('has a malformed extension header');
    yield [key, value];
    at = end;
  }
}

function readSize(value: Buffer): number {
  const text = value.toString('latin1');
  const size = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw corrupt('has an entry with a negative or impossible size');
  return size;
}

export function disallowed(what: string): Error {
  return packError('DisallowedEntryType', `the archive holds ${what}; packs hold files and folders only.`);
}
