import { dirname, join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { createFileOnce } from './create-once.ts';
import type { ActivePack } from './discovery.ts';
import { packSource } from './pack-agents.ts';
import { listPackTree, PACK_LIMITS } from './pack-files.ts';

/** What was seeded, in the folder that it was seeded into. */
export const SEED_MARKER = '.nexo-seed.json';

const MarkerSchema = z.looseObject({
  schema_version: z.literal('1.0'),
  id: z.string(),
  version: z.string(),
  seeded_at: z.string(),
  files: z.array(z.string()),
});

/** Largest marker that is read, in bytes: some thousand names. */
const MAX_MARKER_BYTES = 8 * 1024 * 1024;

export interface SeedStatus {
  /** `persona:<id>@<version>`. */
  readonly source: string;
  readonly path: string;
  readonly state: 'seeded' | 'unchanged' | 'refused';
  /** Paths below `path` that were written just now. */
  readonly written: readonly string[];
  readonly reason: string | undefined;
}

export interface SeedOptions {
  readonly configDir: string;
  /** Where `data/` of the configuration is, when the operator keeps it elsewhere. */
  readonly dataDir: string;
  readonly now: () => Date;
}

/**
 * Copies each pack's workspace seed into place, once: a file that is there stays as it is, and one that was seeded
 * before and deleted is not brought back. A newer version adds only what is new in it. Never throws for one pack.
 */
export function seedWorkspaces(
  packs: readonly Pick<ActivePack, 'dir' | 'manifest'>[],
  options: SeedOptions,
): SeedStatus[] {
  return packs.flatMap(({ dir, manifest }): SeedStatus[] => {
    const seed = manifest.contributes.workspaceSeed;
    if (seed === undefined) return [];
    const status = { source: packSource(manifest), path: destination(seed, options) };
    try {
      return [{ ...status, ...seedOne(join(dir, seed), seed, manifest, options), reason: undefined }];
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      return [{ ...status, state: 'refused', written: [], reason: error.message }];
    }
  });
}

/** Anywhere else it could write settings, agents or trusted keys that pass for the operator's own. */
export function isSeedable(seed: string): boolean {
  return seed.startsWith('data/');
}

/** `data/workspace/cody` of a pack is `data/workspace/cody` of the configuration. */
function destination(seed: string, { configDir, dataDir }: SeedOptions): string {
  return isSeedable(seed) ? join(dataDir, seed.slice('data/'.length)) : join(configDir, seed);
}

function seedOne(
  from: string,
  seed: string,
  { id, version }: ActivePack['manifest'],
  options: SeedOptions,
): Pick<SeedStatus, 'state' | 'written'> {
  if (!isSeedable(seed)) {
    throw new NexoError('PACK_CONTENT_INVALID', `The workspace seed ${seed} does not lie below data/.`, {
      hint: 'Ask the author of the pack to move it to data/workspace/.',
    });
  }
  const to = destination(seed, options);
  assertInside(options.dataDir, to);
  const marker = join(to, SEED_MARKER);
  const before = readMarker(marker, id);
  if (before?.version === version) return { state: 'unchanged', written: [] };
  const { entries } = listPackTree(from);
  const files = entries.filter(({ kind, path }) => kind === 'file' && path !== SEED_MARKER);
  const known = new Set(before?.files);
  const written = files
    .map(({ path }) => path)
    .filter((path) => !known.has(path) && copyOnce(join(from, path), join(to, path), to));
  // Last: cut before this, the next start copies what is still missing.
  ensureFolder(nodeFileSystem, to);
  const record = {
    schema_version: '1.0',
    id,
    version,
    seeded_at: options.now().toISOString(),
    files: [...new Set([...known, ...files.map(({ path }) => path)])],
  };
  writeFileDurable(nodeFileSystem, marker, `${JSON.stringify(record, null, 2)}\n`);
  return { state: written.length > 0 ? 'seeded' : 'unchanged', written };
}

function readMarker(path: string, id: string): z.infer<typeof MarkerSchema> | undefined {
  const bytes = readRegularFile(nodeFileSystem, path, MAX_MARKER_BYTES)?.bytes;
  if (bytes === undefined) return undefined;
  const refuse = (message: string, hint: string): never => {
    throw new NexoError('PACK_CONTENT_INVALID', message, { hint });
  };
  let marker: z.infer<typeof MarkerSchema>;
  try {
    marker = MarkerSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return refuse(`${path} cannot be read, so nobody knows what was seeded.`, 'Correct or remove that file.');
  }
  if (marker.id === id) return marker;
  return refuse(
    `The pack ${marker.id} has seeded that folder already.`,
    'Move its folder away, or disable one pack.',
  );
}

function copyOnce(from: string, to: string, root: string): boolean {
  if (lookAt(nodeFileSystem, to) !== undefined) return false;
  const content = readRegularFile(nodeFileSystem, from, PACK_LIMITS.entryBytes)?.bytes;
  if (content === undefined) return false;
  ensureFolder(nodeFileSystem, dirname(to));
  // After the folder is made: a link in the way would lead elsewhere.
  assertInside(root, dirname(to));
  return createFileOnce(nodeFileSystem, to, content, 0o644);
}
