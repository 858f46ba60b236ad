import { defineCommand } from '../../command.ts';
import { withPlugins } from '../../plugins-door.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Takes the tools of a plugin out of use, here and in servers that run. The file stays where it is; nexo plugins ' +
    'load brings it back.',
  example: 'nexo plugins remove crm-bridge',
  flags: {},
  positionals: [
    { name: 'name', description: 'its file name, with or without the extension', required: true },
  ],
  run: ({ words, context }) =>
    withPlugins(context, async (library) => ({ removed: await library.remove(firstWord(words)) })),
  render: ({ removed }, { ink, marks }) =>
    removed.length === 0
      ? 'It offers no tools; nothing was changed about other plugins.'
      : `${ink.good(marks.done)} out of use: ${removed.join(', ')}`,
});
