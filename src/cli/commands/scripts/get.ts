import { discoverScripts } from '../../../automation/scripts/discover.ts';
import { describeScript } from '../../../automation/scripts/overview.ts';
import { syncScripts } from '../../../automation/scripts/registry.ts';
import { resolveScript } from '../../../automation/scripts/resolve-script.ts';
import { defineCommand } from '../../command.ts';
import { wholeNumber } from '../../flags.ts';
import { renderScript } from '../../render/scripts.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Everything about one script: what its header says, what is attached to it, and its newest runs with the end of ' +
    'their output.',
  example: 'nexo scripts get morning-report',
  flags: { runs: wholeNumber('how many of its newest runs; 5 unless said') },
  positionals: [{ name: 'name', description: 'the script', required: true, completes: 'script' }],
  run: ({ flags, words, context }) =>
    withHome(context, ({ paths, database }) => {
      const { entry } = resolveScript(paths, firstWord(words));
      syncScripts(database, discoverScripts(paths), paths);
      return describeScript(database, entry, flags.runs);
    }),
  render: renderScript,
});
