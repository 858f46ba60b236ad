import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor } from '../../pack-door.ts';
import { findPluginsIn, pluginRoots } from '../../plugin-door.ts';
import { pad } from '../../render/width.ts';

export default defineCommand({
  description: 'Every plugin that is installed, and the release it came from.',
  example: 'nexo plugin list --include-orphan',
  flags: {
    includeOrphan: toggle('also those that nobody knows the origin of'),
    dest: text('the folder to look in', { placeholder: 'dir', completes: 'folder' }),
    ...CONFIG_FLAG,
  },
  run: async ({ flags, context }) => {
    const roots = pluginRoots(context, homePathsFor(context, flags.config), flags.dest);
    const plugins = findPluginsIn(roots)
      .filter(({ metadata }) => metadata !== undefined || flags.includeOrphan)
      .map(({ id, version, folder, metadata }) => ({
        id,
        version,
        plugin_dir: folder,
        is_orphan: metadata === undefined,
        target: metadata?.target ?? null,
        tag: metadata?.tag ?? null,
        owner: metadata?.owner ?? null,
        repo: metadata?.repo ?? null,
        sha256: metadata?.sha256 ?? null,
        installed_at: metadata?.installed_at ?? null,
        source: metadata?.source ?? null,
      }));
    return { plugins };
  },
  render: ({ plugins }) =>
    plugins.length === 0
      ? 'No plugins are installed. nexo plugin install owner/repo installs one.'
      : [
          `${pad('ID', 20)} ${pad('VERSION', 10)} ${pad('TARGET', 28)} ${pad('TAG', 12)} INSTALLED_AT`,
          ...plugins.map(({ id, version, target, tag, installed_at: at }) =>
            `${pad(id, 20)} ${pad(version, 10)} ${pad(target ?? '-', 28)} ${pad(tag ?? '-', 12)} ${at ?? '-'}`.trimEnd(),
          ),
        ].join('\n'),
});
