import { randomBytes } from 'node:crypto';

/** A random lower-case hexadecimal name of `bytes` random bytes; for temporary files and run ids. */
export function randomHex(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}

/** The next free number: the largest positive safe integer in use plus one, first 1. */
export function nextId(used: Iterable<number>): number {
  let highest = 0;
  for (const id of used) if (Number.isSafeInteger(id) && id > highest) highest = id;
  return highest + 1;
}
