import { NexoError } from '../../../errors.ts';
import { discoverPlugins } from '../../../plugins/discover.ts';
import { keyOf } from '../../../plugins/register.ts';
import { findPluginFile } from '../../../plugins/resolve-file.ts';
import { toPluginRow } from '../../../plugins/views.ts';
import { defineCommand } from '../../command.ts';
import { withPlugins } from '../../plugins-door.ts';
import { renderFacts } from '../../render/catalog.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description: 'Everything about one plugin: where it is, what it may see, and its tools with their schemas.',
  example: 'nexo plugins get crm-bridge',
  flags: {},
  positionals: [
    { name: 'name', description: 'its file name, with or without the extension', required: true },
  ],
  run: ({ words, context }) =>
    withPlugins(context, (library) => {
      const found = findPluginFile(discoverPlugins(library.folders), firstWord(words));
      const slot = library.slots.find((each) => keyOf(each.found) === keyOf(found));
      if (slot === undefined) throw new NexoError('PLUGIN_NOT_FOUND', `The plugin ${found.file} is gone.`);
      return { ...toPluginRow(library, slot, context.io.env), definitions: slot.known?.loaded.tools ?? [] };
    }),
  render: (plugin, view) =>
    [
      ...renderFacts(
        plugin.file,
        [
          ['status', plugin.status],
          ...(plugin.last_error === null ? [] : [['error', plugin.last_error] as const]),
          ['source', `${plugin.source}, ${plugin.path ?? ''}`],
          ['loaded', plugin.loaded_at ?? 'never'],
          ['sees', plugin.env.length === 0 ? 'the basics alone' : plugin.env.join(', ')],
          ...(plugin.missing_env.length === 0 ? [] : [['not set', plugin.missing_env.join(', ')] as const]),
          ...(plugin.companion === null ? [] : [['companion', plugin.companion] as const]),
        ],
        view,
      ),
      ...plugin.definitions.flatMap(({ name, description, inputSchema }) => [
        '',
        ...renderFacts(
          name,
          [
            ['does', description],
            ['takes', parametersOf(inputSchema)],
          ],
          view,
        ),
      ]),
    ].join('\n'),
});

function parametersOf({ properties, required }: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(typeof properties === 'object' && properties !== null ? properties : {});
  const needed = new Set(Array.isArray(required) ? required : []);
  return names.map((name) => (needed.has(name) ? name : `${name} (optional)`)).join(', ') || 'nothing';
}
