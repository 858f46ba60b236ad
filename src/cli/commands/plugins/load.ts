import { toPluginRow } from '../../../plugins/views.ts';
import { defineCommand } from '../../command.ts';
import { withPlugins } from '../../plugins-door.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Runs a plugin anew, whatever is known of it, and says what is wrong with it. One that was taken out of use comes ' +
    'back. Servers that run see its tools within a second.',
  example: 'nexo plugins load crm-bridge',
  flags: {},
  positionals: [
    { name: 'name', description: 'its file name, with or without the extension', required: true },
  ],
  run: ({ words, context }) =>
    withPlugins(context, async (library) => {
      const slot = await library.load(firstWord(words));
      return toPluginRow(library, slot, context.io.env);
    }),
  render: ({ file, tools, status }, { ink, marks }) =>
    status === 'helper'
      ? `${ink.good(marks.done)} ${file} loads. It has no tools; other plugins may import it.`
      : `${ink.good(marks.done)} ${file}: ${tools.join(', ')}`,
});
