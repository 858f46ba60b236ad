import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import type { HomePaths } from '../home/paths.ts';
import { readPluginManifest } from '../personas/contracts/plugin-contract.ts';
import type { PluginManifest } from '../personas/contracts/plugin-manifest.ts';
import { loadDiscoveryConfig } from '../personas/discovery-config.ts';
import { type InstallMetadata, readMetadata } from '../personas/installed/metadata.ts';
import { packPlaces } from '../personas/paths.ts';
import type { CommandContext } from './command.ts';
import { printableText } from './render/printable.ts';

export interface FoundPlugin {
  readonly id: string;
  readonly version: string;
  readonly folder: string;
  readonly manifest: PluginManifest;
  /** Undefined for one that nobody knows the origin of. */
  readonly metadata: InstallMetadata | undefined;
}

/**
 * Where plugins are: `--dest`, else the search paths of `plugins/discovery.yaml`, else the default. The first is where
 * new ones go. Settings that cannot be understood are told, and nothing is searched then but the default.
 */
export function pluginRoots(
  { io, note }: CommandContext,
  paths: HomePaths,
  dest?: string,
): readonly [string, ...string[]] {
  if (dest !== undefined) return [dest];
  const place = { paths, env: io.env, userHome: io.userHome(), family: 'plugin' as const };
  const { searchPaths, diagnostics } = loadDiscoveryConfig(place);
  for (const { path, line, message } of diagnostics)
    note(printableText(`${path}${line === undefined ? '' : `:${line}`} ${message}`));
  const [first = packPlaces(paths, 'plugin').defaultRoot, ...rest] = searchPaths.map(({ path }) => path);
  return [first, ...rest];
}

/** The plugins below several roots; of one id and version the first that is found. */
export function findPluginsIn(roots: readonly string[]): FoundPlugin[] {
  const seen = new Set<string>();
  return roots.flatMap(findPlugins).filter(({ id, version }) => {
    const key = `${id} ${version}`;
    return !seen.has(key) && seen.add(key);
  });
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
