import { readdirSync } from 'node:fs';

import { nodeFileSystem, readRegularFile } from '../../../base/durable-file.ts';

const MAX_UNIT_BYTES = 256 * 1024;

/**
 * The text of a unit; undefined when there is none. A link, a pipe or a huge file in its place is empty: it is
 * nothing of ours, and nothing that we can read.
 */
export function readUnitText(path: string): string | undefined {
  try {
    return readRegularFile(nodeFileSystem, path, MAX_UNIT_BYTES)?.bytes.toString('utf8');
  } catch {
    return '';
  }
}

export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was ever installed here
  }
}
