import { dirname } from 'node:path';

import { systemClock } from '../../../base/clock.ts';
import { packError } from '../../../personas/pack-error.ts';
import { packPlaces } from '../../../personas/paths.ts';
import { removePacks } from '../../../personas/remove-pack.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor, packEvents } from '../../pack-door.ts';
import { findPersonas, indexPersonas, isReadable, requirePersona } from '../../persona-door.ts';
import { printableText } from '../../render/printable.ts';

export default defineCommand({
  description:
    'Removes a persona, every version of it. Without --yes it only says what it would remove. Secrets, workspaces ' +
    'and anything else that the persona has brought to life stay.',
  example: 'nexo persona remove cody',
  flags: { yes: toggle('really remove it'), ...CONFIG_FLAG },
  positionals: [{ name: 'id', description: 'id of the persona', required: true }],
  run: async ({ words: [id = ''], flags, context }) => {
    const paths = homePathsFor(context, flags.config);
    const { packs, searchPaths } = findPersonas(context, paths);
    const winner = requirePersona(packs, id);
    const roots = searchPaths.map(({ path }) => path);
    const all = packs.filter(isReadable).filter(({ manifest }) => manifest.id === id);
    const folders = all.map(({ dir }) => dir);
    const { version } = winner.manifest;
    if (!flags.yes) {
      const would = { would_remove: winner.dir, would_remove_roots: folders, rerun_with: '--yes' };
      return { ok: false as const, id, version, ...would };
    }
    for (const folder of folders) {
      if (roots.includes(dirname(folder))) continue;
      throw packError(
        'BrokenInstall',
        `${folder} does not lie directly in a search path, so it is left alone.`,
      );
    }
    const emitted = await removePacks(
      all.map(({ dir, manifest }) => ({ id, version: manifest.version, folder: dir })),
      {
        family: 'persona',
        places: packPlaces(paths, 'persona'),
        events: packEvents(packPlaces(paths, 'persona')),
        clock: systemClock,
        signal: context.io.signal,
        note: (line) => context.note(printableText(line)),
        idOf: (folder) =>
          findPersonas(context, paths)
            .packs.filter(isReadable)
            .find(({ dir }) => dir === folder)?.manifest.id,
      },
    );
    await indexPersonas(context, paths);
    return {
      ok: true as const,
      id,
      version,
      install_root: winner.dir,
      removed_root: winner.dir,
      removed_roots: folders,
      lifecycle_event_emitted: emitted,
    };
  },
  render: (data) =>
    data.ok
      ? `Removed ${data.id}: ${data.removed_roots.join(', ')}`
      : [
          `Would remove ${data.id}:`,
          ...data.would_remove_roots.map((folder) => `  ${folder}`),
          `nexo persona remove ${data.id} --yes removes it.`,
        ].join('\n'),
});
