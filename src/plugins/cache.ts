import { join } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import type { HomePaths } from '../home/paths.ts';
import type { LoadedPlugin } from './contract.ts';

/** What is known of a plugin since it was last run, so that it need not be run to list its tools. */
export interface KnownPlugin {
  /** Absolute path of its file. */
  readonly path: string;
  readonly mark: string;
  readonly digest: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly loaded: LoadedPlugin;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
}

/** Version of the file; any other is read as empty. */
const VERSION = 1;
const MAX_BYTES = 64 * 1024 * 1024;

/** `state/plugins`: what the program keeps about plugins. */
export function pluginState(paths: Pick<HomePaths, 'state'>): string {
  return join(paths.state, 'plugins');
}

/** What is known, by path. A file that cannot be read costs one run of each plugin, and no more. */
export function readKnownPlugins(paths: Pick<HomePaths, 'state'>): Map<string, KnownPlugin> {
  try {
    const read = readRegularFile(nodeFileSystem, cacheFile(paths), MAX_BYTES);
    const value: unknown = read === undefined ? undefined : JSON.parse(read.bytes.toString('utf8'));
    if (!isRecord(value) || value.version !== VERSION || !Array.isArray(value.plugins)) return new Map();
    return new Map(value.plugins.filter(isKnownPlugin).map((known) => [known.path, known]));
  } catch {
    return new Map();
  }
}

/** Writes what is known. Two servers may do so at a time: what one of them loses it learns again. */
export function writeKnownPlugins(paths: Pick<HomePaths, 'state'>, known: Iterable<KnownPlugin>): void {
  ensureFolder(nodeFileSystem, pluginState(paths), 0o700);
  const plugins = [...known].sort((a, b) => (a.path < b.path ? -1 : 1));
  writeFileDurable(nodeFileSystem, cacheFile(paths), `${JSON.stringify({ version: VERSION, plugins })}\n`, {
    durable: false,
    mode: 0o600,
  });
}

function cacheFile(paths: Pick<HomePaths, 'state'>): string {
  return join(pluginState(paths), 'tools.json');
}

/** Its own writer's shape; a look at the outside is enough to tell a file of another making. */
function isKnownPlugin(value: unknown): value is KnownPlugin {
  return (
    isRecord(value) &&
    typeof value.path === 'string' &&
    typeof value.mark === 'string' &&
    typeof value.digest === 'string' &&
    isRecord(value.parts) &&
    typeof value.loadedAt === 'number' &&
    isRecord(value.loaded) &&
    Array.isArray(value.loaded.tools) &&
    isRecord(value.loaded.declared) &&
    Array.isArray(value.loaded.declared.env)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
