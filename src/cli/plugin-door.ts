import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import { readPluginManifest } from '../personas/contracts/plugin-contract.ts';
import type { PluginManifest } from '../personas/contracts/plugin-manifest.ts';
import { type InstallMetadata, readMetadata } from '../personas/installed/metadata.ts';

export interface FoundPlugin {
  readonly id: string;
  readonly version: string;
  readonly folder: string;
  readonly manifest: PluginManifest;
  /** Undefined for one that nobody knows the origin of. */
  readonly metadata: InstallMetadata | undefined;
}

/** The plugins below one root, sorted by their folders. What cannot be read is none. */
export function findPlugins(root: string): FoundPlugin[] {
  return folderNames(root).flatMap((name): FoundPlugin[] => {
    const folder = join(root, name);
    try {
      const manifest = readPluginManifest(folder);
      return [
        { id: manifest.id, version: manifest.version, folder, manifest, metadata: readMetadata(folder) },
      ];
    } catch (error) {
      if (error instanceof NexoError || systemErrorCode(error) !== undefined) return [];
      throw error;
    }
  });
}

function folderNames(root: string): string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return [];
  }
}
