import { switchScript } from '../../../automation/scripts/switch-script.ts';
import { defineCommand } from '../../command.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    "Lets a script's schedule run it again, and takes it back into use if it was removed with --keep-file.",
  example: 'nexo scripts enable morning-report',
  flags: {},
  positionals: [{ name: 'name', description: 'the script', required: true, completes: 'script' }],
  run: ({ words, context }) =>
    withHome(context, ({ paths, database }) => switchScript(database, paths, firstWord(words), true)),
  render: ({ name, changed }, { ink, marks }) =>
    `${ink.good(marks.done)} ${name} is ${changed ? 'now' : 'already'} switched on`,
});
