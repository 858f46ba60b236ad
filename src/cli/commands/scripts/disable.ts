import { switchScript } from '../../../automation/scripts/switch-script.ts';
import { defineCommand } from '../../command.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    "Keeps a script's schedule from running it. The schedule stays installed, each of its times is recorded as skipped, and nexo scripts run still works.",
  example: 'nexo scripts disable morning-report',
  flags: {},
  positionals: [{ name: 'name', description: 'the script', required: true, completes: 'script' }],
  run: ({ words, context }) =>
    withHome(context, ({ paths, database }) => switchScript(database, paths, firstWord(words), false)),
  render: ({ name, changed }, { ink, marks }) =>
    `${ink.good(marks.done)} ${name} is ${changed ? 'now' : 'already'} switched off`,
});
