import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { HomePaths } from '../../home/paths.ts';
import { identityTokens } from './names.ts';

/** Our own programs and the helper library: a personal file of such a name would be taken for them. */
const OWN_NAMES = ['nexo', 'nexo-agent-run', 'nexo-cron-wrapper', 'nexo_helper.py', 'nexo_helper.sh'];

/** Names that belong to the product: no personal script may have one. */
export function coreIdentities(paths: Pick<HomePaths, 'home' | 'personal'>): ReadonlySet<string> {
  const names = [
    ...OWN_NAMES,
    ...namesIn(join(paths.home, 'core', 'scripts')),
    ...namesIn(join(paths.home, 'core', 'hooks')),
    ...listedArtifacts(join(paths.personal, 'config', 'runtime-core-artifacts.json')),
  ];
  return new Set(names.flatMap((name) => [...identityTokens(name)]));
}

/** The core identity that a script of this file name and declared name would meet, if any. */
export function metIdentity(
  core: ReadonlySet<string>,
  path: string,
  declaredName: string | undefined,
): string | undefined {
  return [...identityTokens(path, declaredName)].find((token) => core.has(token));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch {
    return []; // most homes have no such folder
  }
}

/** The list that an installer leaves of what it put into the home. */
function listedArtifacts(path: string): string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return [];
    return ['script_names', 'hook_names'].flatMap((key) => {
      const list: unknown = Reflect.get(value, key);
      return Array.isArray(list) ? list.filter((name): name is string => typeof name === 'string') : [];
    });
  } catch {
    return []; // none, or none that can be read: then it protects nothing
  }
}
