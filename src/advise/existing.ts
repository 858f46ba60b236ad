import { join } from 'node:path';

import { discoverScripts } from '../automation/scripts/discover.ts';
import type { HomePaths } from '../home/paths.ts';
import { readKnownPlugins } from '../plugins/cache.ts';
import { discoverPlugins, pluginFolders } from '../plugins/discover.ts';
import { stemOf } from '../plugins/names.ts';
import { discoverSkills, skillSources } from '../skills/discover.ts';
import { packageRoot } from '../version.ts';
import type { Existing } from './matches.ts';

/** What the operator has already, of every kind. Reads, never writes, and runs nothing. */
export function existingThings(paths: HomePaths, code: string = packageRoot()): readonly Existing[] {
  const scripts = discoverScripts(paths)
    .entries.filter(({ classification }) => classification === 'personal')
    .map(({ name, description }): Existing => ({ kind: 'script', name, text: description }));
  const { skills } = discoverSkills(skillSources({ home: paths, assets: join(code, 'assets') }));
  const known = readKnownPlugins(paths);
  const { found } = discoverPlugins(pluginFolders(paths, code));
  return [
    ...scripts,
    ...skills.map(
      ({ id, name, description, triggers, tags }): Existing => ({
        kind: 'skill',
        name: id,
        text: [name, description, ...triggers, ...tags].join(' '),
      }),
    ),
    ...found.map(
      ({ file, path }): Existing => ({
        kind: 'plugin',
        name: stemOf(file),
        text: (known.get(path)?.loaded.tools ?? [])
          .map(({ name, description }) => `${name.replaceAll('_', ' ')} ${description}`)
          .join(' '),
      }),
    ),
  ];
}
