import { defineCommand } from '../../command.ts';
import { CONFIG_FLAG, homePathsFor } from '../../pack-door.ts';
import { findPersonas, isReadable } from '../../persona-door.ts';
import { pad } from '../../render/width.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every persona that is installed, from all search paths, and which of several versions is in use. Packs that ' +
    'cannot be read are told on standard error, and those that your settings keep out are left out.',
  example: 'nexo persona list --json',
  flags: CONFIG_FLAG,
  run: async ({ flags, context }) => {
    const { packs, searchPaths, diagnostics } = findPersonas(context, homePathsFor(context, flags.config));
    for (const { level, path, line, message, fix } of diagnostics) {
      if (level !== 'warning' && level !== 'error') continue;
      context.note(
        `${path}${line === undefined ? '' : `:${line}`} ${message}.${fix === undefined ? '' : ` ${fix}`}`,
      );
    }
    if (searchPaths.length === 0)
      context.note('No folder is searched for packs; name some in personas/discovery.yaml of your settings.');
    const shown = packs
      .filter(isReadable)
      .filter(({ state }) => state === 'active' || state === 'shadowed' || state === 'kill-switch');
    const personas = shown.map(({ manifest, dir, searchPath, state, shadowedBy }) => ({
      id: manifest.id,
      version: manifest.version,
      install_root: dir,
      description: manifest.description,
      homepage: manifest.homepage ?? null,
      active: state === 'active',
      shadowed_by: shadowedBy ?? null,
      search_path: searchPath,
    }));
    return { searched: searchPaths.length, personas };
  },
  document: ({ personas }) => ({ personas }),
  render: ({ personas, searched }) =>
    personas.length === 0
      ? `No personas in ${count(searched, 'search path')}. nexo persona install owner/repo installs one.`
      : personas
          .map(({ id, version, install_root, active }) =>
            `${pad(id, 20)} ${pad(version, 10)} ${install_root}${active ? '' : ' (not in use)'}`.trimEnd(),
          )
          .join('\n'),
});
