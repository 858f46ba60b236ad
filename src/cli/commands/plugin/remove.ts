import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '../../../base/clock.ts';
import { packError } from '../../../personas/pack-error.ts';
import { packPlaces } from '../../../personas/paths.ts';
import { removePacks } from '../../../personas/remove-pack.ts';
import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor, packEvents } from '../../pack-door.ts';
import { findPlugins, pluginRoots } from '../../plugin-door.ts';
import { printableText } from '../../render/printable.ts';

export default defineCommand({
  description: 'Removes a plugin, every version of it. Refuses without --yes.',
  example: 'nexo plugin remove clock --yes',
  flags: {
    yes: toggle('really remove it'),
    purgeCache: toggle('also what it has stored'),
    dest: text('the folder it is installed in', { placeholder: 'dir', completes: 'folder' }),
    ...CONFIG_FLAG,
  },
  positionals: [{ name: 'id', description: 'id of the plugin', required: true }],
  run: async ({ words: [id = ''], flags, context }) => {
    const paths = homePathsFor(context, flags.config);
    const places = packPlaces(paths, 'plugin');
    const roots = pluginRoots(context, paths, flags.dest);
    const found = roots.flatMap(findPlugins).filter((plugin) => plugin.id === id);
    const newest = found.at(-1);
    if (newest === undefined) {
      throw packError('PluginNotFound', `There is no plugin ${JSON.stringify(id)} in ${roots.join(', ')}.`, {
        hint: 'nexo plugin list --include-orphan shows what is installed.',
      });
    }
    const folders = found.map(({ folder }) => folder);
    if (!flags.yes) {
      throw packError('NeedsYesConfirm', `This would remove ${folders.join(', ')}.`, {
        hint: `nexo plugin remove ${id} --yes removes it.`,
      });
    }
    const emitted = await removePacks(found, {
      family: 'plugin',
      places,
      events: packEvents(places),
      clock: systemClock,
      signal: context.io.signal,
      note: (line) => context.note(printableText(line)),
      idOf: (folder) => roots.flatMap(findPlugins).find((plugin) => plugin.folder === folder)?.id,
    });
    // The id keeps the rules of a manifest, so that it names one folder here and nothing else.
    const stored = [join(places.defaultRoot, id), join(places.defaultRoot, 'cache', id)];
    if (flags.purgeCache) for (const folder of stored) rmSync(folder, { recursive: true, force: true });
    return {
      ok: true as const,
      id,
      version: newest.version,
      plugin_dir: newest.folder,
      removed_paths: flags.purgeCache ? [...folders, ...stored] : folders,
      cache_purged: flags.purgeCache,
      lifecycle_event_emitted: emitted,
    };
  },
  render: ({ id, removed_paths: paths }) => `Removed ${id}: ${paths.join(', ')}`,
});
