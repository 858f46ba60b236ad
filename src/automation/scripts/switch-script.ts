import type { DatabaseSync } from 'node:sqlite';

import type { HomePaths } from '../../home/paths.ts';
import { discoverScripts } from './discover.ts';
import { setEnabled, syncScripts } from './registry.ts';
import { resolvePersonal } from './resolve-script.ts';

export interface Switched {
  readonly ok: true;
  readonly name: string;
  readonly path: string;
  readonly enabled: boolean;
  readonly changed: boolean;
  readonly origin: 'user';
}

/** Switches a personal script on or off for its schedule. Throws SCRIPT_NOT_FOUND, SCRIPT_PROTECTED. */
export function switchScript(
  database: DatabaseSync,
  paths: HomePaths,
  name: string,
  enabled: boolean,
): Switched {
  const { entry } = resolvePersonal(paths, name);
  syncScripts(database, discoverScripts(paths), paths);
  const changed = setEnabled(database, entry.path, enabled);
  return { ok: true, name: entry.name, path: entry.path, enabled, changed, origin: 'user' };
}
