import { discoverScripts } from '../../../automation/scripts/discover.ts';
import { syncScripts } from '../../../automation/scripts/registry.ts';
import { defineCommand } from '../../command.ts';
import { count } from '../../render/words.ts';
import { withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Brings the index of scripts in line with the folder. Other commands do that by themselves; schedules are ' +
    'brought in line by nexo scripts reconcile.',
  example: 'nexo scripts sync',
  flags: {},
  run: ({ context }) =>
    withHome(context, ({ paths, database }) => syncScripts(database, discoverScripts(paths), paths)),
  render: ({ registered_scripts, scripts_upserted, scripts_pruned }, { ink, marks }) =>
    `${ink.good(marks.done)} ${count(registered_scripts, 'script')}: ${scripts_upserted} new or changed, ` +
    `${scripts_pruned} gone`,
});
