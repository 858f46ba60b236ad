import { closeSync, openSync, readSync } from 'node:fs';

/** A random lower-case hexadecimal name of `bytes` random bytes; for temporary files and run ids. */
export function randomHex(bytes = 8): string {
  // Loaded only where the system has no device: it takes a sixth of the start of a short process.
  const random = readSystemRandom(bytes) ?? process.getBuiltinModule('node:crypto').randomBytes(bytes);
  return random.toString('hex');
}

/** Where Linux and macOS hand out random bytes; Windows has no such file. */
const RANDOM_DEVICE = '/dev/urandom';

function readSystemRandom(count: number): Buffer | undefined {
  try {
    const descriptor = openSync(RANDOM_DEVICE, 'r');
    try {
      const bytes = Buffer.alloc(count);
      return readSync(descriptor, bytes, 0, count, null) === count ? bytes : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined; // no such device, or a sandbox without it
  }
}

/** Whether a value can be the number of a record: a positive integer that JavaScript holds exactly. */
export function isUsableId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0;
}

/** The next free number: the largest usable one in use plus one, first 1; undefined when there is none left. */
export function nextId(used: Iterable<number>): number | undefined {
  let highest = 0;
  for (const id of used) if (isUsableId(id) && id > highest) highest = id;
  return isUsableId(highest + 1) ? highest + 1 : undefined;
}
