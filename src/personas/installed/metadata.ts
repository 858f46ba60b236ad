import fs from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import { readRegularFile } from '../../base/durable-file.ts';
import { packError } from '../pack-error.ts';
import { INSTALL_FILE } from '../paths.ts';

/** Largest metadata file that is read, in bytes. */
const MAX_BYTES = 64 * 1024;

/** What is written; a newer version's members are kept out of our way when it is read. */
const MetadataSchema = z.object({
  schema_version: z.literal('1.0'),
  id: z.string(),
  version: z.string(),
  owner: z.string(),
  repo: z.string(),
  /** As it was asked for: `latest` stays `latest`. */
  tag: z.string(),
  release_tag: z.string().optional(),
  target: z.string(),
  /** Of the archive. */
  sha256: z.string(),
  installed_at: z.string(),
  source: z.literal('github-releases'),
  signature_verified: z.boolean(),
  signature_identity: z.string().optional(),
  signature_issuer: z.string().optional(),
  trust_mode: z.enum(['ignore', 'warn', 'require']),
  /** Of the file that lists every file of the pack with its own digest. */
  listing_sha256: z.string(),
});

/** Where a pack came from and what was verified when it was installed. */
export type InstallMetadata = z.infer<typeof MetadataSchema>;

export function renderMetadata(metadata: InstallMetadata): string {
  return `${JSON.stringify(metadata, null, 2)}\n`;
}

/** Undefined for a folder that no installer made. Throws PACK_BROKEN when the file cannot be read. */
export function readMetadata(folder: string): InstallMetadata | undefined {
  const path = join(folder, INSTALL_FILE);
  const bytes = readRegularFile(fs, path, MAX_BYTES)?.bytes;
  if (bytes === undefined) return undefined;
  try {
    return MetadataSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw packError('BrokenInstall', `${path} does not say where this pack came from.`, {
      hint: 'Install it again with --force, or remove it.',
      cause: error,
    });
  }
}
