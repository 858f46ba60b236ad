import { countClasses, discoverScripts } from '../../../automation/scripts/discover.ts';
import { showEntry } from '../../../automation/scripts/overview.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';
import { homePaths } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'What every file in the scripts folders is taken for, and why: a personal script, part of Nexo, a backup, or no ' +
    'script at all. Reads only.',
  example: 'nexo scripts classify',
  flags: {},
  run: async ({ context }) => {
    const { scriptsDir, entries } = discoverScripts(await homePaths(context));
    return { scripts_dir: scriptsDir, entries: entries.map(showEntry), summary: countClasses(entries) };
  },
  render: ({ scripts_dir, entries }, view) =>
    entries.length === 0
      ? `There is no file in ${scripts_dir}.`
      : renderItems(
          entries.map(({ path, classification, runtime, reason }) => ({
            columns: [path.split('/').at(-1) ?? path, classification, reason || runtime],
            lines: [],
          })),
          view,
        ).join('\n'),
});
