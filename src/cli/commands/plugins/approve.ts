import { defineCommand } from '../../command.ts';
import { withPlugins } from '../../plugins-door.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Agrees to the content that a plugin has now. Needed only with approval: ask in the settings, where a plugin that ' +
    'is new or has changed waits until you have looked at it.',
  example: 'nexo plugins approve crm-bridge',
  flags: {},
  positionals: [
    { name: 'name', description: 'its file name, with or without the extension', required: true },
  ],
  run: ({ words, context }) => withPlugins(context, (library) => library.approve(firstWord(words))),
  render: ({ file, digest }, { ink, marks }) =>
    `${ink.good(marks.done)} ${file} as it is now (${digest.slice(0, 12)})`,
});
