import { listPlugins } from '../../../plugins/views.ts';
import { defineCommand } from '../../command.ts';
import { withPlugins } from '../../plugins-door.ts';
import { renderItems } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every plugin with the tools it offers and, where it offers none, the reason. A file that is new or has changed ' +
    'is run once, in a process of its own, to learn its tools.',
  example: 'nexo plugins list',
  flags: {},
  run: async ({ context }) => ({
    plugins: await withPlugins(context, (library) => listPlugins(library, context.io.env)),
  }),
  render: ({ plugins }, view) =>
    plugins.length === 0
      ? `There are no plugins. ${view.ink.accent(view.marks.arrow)} nexo plugins create NAME makes one.`
      : [
          view.ink.bold(count(plugins.length, 'plugin')),
          ...renderItems(
            plugins.map(({ file, status, source, kind, tools, last_error, missing_env }) => ({
              columns: [file, status, source, kind],
              lines: [
                ...(tools.length === 0 ? [] : [tools.join(', ')]),
                ...(last_error === null ? [] : [last_error]),
                ...(missing_env.length === 0 ? [] : [`Not set here: ${missing_env.join(', ')}`]),
              ],
            })),
            view,
          ),
        ].join('\n'),
});
