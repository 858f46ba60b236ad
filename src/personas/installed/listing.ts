import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';

import { readRegularFile } from '../../base/durable-file.ts';
import { listPackTree } from '../pack-files.ts';
import { INSTALL_FILE, LISTING_FILE } from '../paths.ts';
import type { InstallMetadata } from './metadata.ts';

export interface ListedFile {
  /** Relative to the pack, with `/`; holds no line break and no backslash. */
  readonly path: string;
  readonly sha256: string;
}

/** The listing as `sha256sum --check` reads it, sorted, so that one tree has one listing. */
export function renderListing(files: readonly ListedFile[]): string {
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return sorted.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join('');
}

export function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Something about an installed pack that is not as it was verified. */
export interface Deviation {
  readonly path: string;
  readonly what: 'changed' | 'missing' | 'added' | 'not a plain file' | 'unreadable';
}

/** More deviations than this are not told one by one. */
const MAX_DEVIATIONS = 100;
const CHUNK_BYTES = 256 * 1024;

/**
 * Holds an installed pack against what was verified when it was installed: every file that was there, with the same
 * bytes, and nothing else. Empty when all is well. Reads every byte; never follows a link. Throws IO_FAILED when a
 * folder cannot be read.
 */
export function verifyInstalled(
  folder: string,
  metadata: Pick<InstallMetadata, 'listing_sha256'>,
): readonly Deviation[] {
  const listing = readRegularFile(fs, join(folder, LISTING_FILE))?.bytes;
  if (listing === undefined) return [{ path: LISTING_FILE, what: 'missing' }];
  if (sha256Of(listing) !== metadata.listing_sha256) return [{ path: LISTING_FILE, what: 'changed' }];
  const expected = parseListing(listing.toString('utf8'));
  const deviations: Deviation[] = [];
  for (const { path, kind } of listPackTree(folder, { maxEntries: Number.POSITIVE_INFINITY }).entries) {
    if (kind === 'folder' || path === LISTING_FILE || path === INSTALL_FILE) continue;
    const sha256 = expected.get(path);
    expected.delete(path);
    if (sha256 === undefined) deviations.push({ path, what: 'added' });
    else if (kind !== 'file') deviations.push({ path, what: 'not a plain file' });
    else {
      const now = hashFile(join(folder, path));
      if (now !== sha256) deviations.push({ path, what: now === undefined ? 'unreadable' : 'changed' });
    }
    if (deviations.length >= MAX_DEVIATIONS) return deviations;
  }
  for (const path of expected.keys()) deviations.push({ path, what: 'missing' });
  return deviations.slice(0, MAX_DEVIATIONS);
}

function parseListing(text: string): Map<string, string> {
  // Written by us, and its digest has just been compared.
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

function hashFile(path: string): string | undefined {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    for (let read = fs.readSync(descriptor, chunk); read > 0; read = fs.readSync(descriptor, chunk))
      hash.update(chunk.subarray(0, read));
    return hash.digest('hex');
  } catch {
    // Whatever keeps it from being read also keeps it from being what was verified.
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
