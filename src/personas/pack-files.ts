import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ioError } from '../base/file-errors.ts';

/** Ceilings of the pack format. */
export const PACK_LIMITS = {
  /** Compressed archive, in bytes. */
  archiveBytes: 64 * 1024 * 1024,
  entries: 8192,
  /** One file, in bytes. */
  entryBytes: 64 * 1024 * 1024,
  /** All files together, in bytes. */
  totalBytes: 256 * 1024 * 1024,
} as const;

/** Something below a pack's folder. */
export interface PackEntry {
  /** Relative to the pack, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
}

export interface PackTree {
  /** Sorted by the bytes of their paths; links are named and not followed. */
  readonly entries: readonly PackEntry[];
  /** True when there was more than `maxEntries`: what is beyond was not looked at. */
  readonly truncated: boolean;
}

interface ListOptions {
  /** Whether a name, at a path, is left out, with everything below it. */
  readonly skip?: (path: string) => boolean;
  readonly maxEntries?: number;
}

/** Everything below a folder, itself not included. Throws IO_FAILED when a folder cannot be read. */
export function listPackTree(
  dir: string,
  { skip = () => false, maxEntries = PACK_LIMITS.entries }: ListOptions = {},
): PackTree {
  const entries: PackEntry[] = [];
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readFolder(join(dir, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (skip(path)) continue;
      if (entries.length >= maxEntries) return { entries: entries.sort(byBytes), truncated: true };
      entries.push({ path, kind: kindOf(entry) });
      if (entry.isDirectory()) waiting.push(path);
    }
  }
  return { entries: entries.sort(byBytes), truncated: false };
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw ioError(path, 'read', error);
  }
}

function kindOf(entry: Dirent): PackEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'special';
}

function byBytes(a: PackEntry, b: PackEntry): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}
