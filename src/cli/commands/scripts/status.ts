import { discoverScripts } from '../../../automation/scripts/discover.ts';
import { describeScript, lastRunOf } from '../../../automation/scripts/overview.ts';
import { syncScripts } from '../../../automation/scripts/registry.ts';
import { resolveScript } from '../../../automation/scripts/resolve-script.ts';
import { defineCommand } from '../../command.ts';
import { renderStatus } from '../../render/scripts.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description: 'Whether a script is switched on, when it runs, and how its last run ended.',
  example: 'nexo scripts status morning-report',
  flags: {},
  positionals: [{ name: 'name', description: 'the script', required: true, completes: 'script' }],
  run: ({ words, context }) =>
    withHome(context, ({ paths, database }) => {
      const { entry } = resolveScript(paths, firstWord(words));
      syncScripts(database, discoverScripts(paths), paths);
      const script = describeScript(database, entry, 0);
      return {
        ok: true,
        name: script.name,
        path: script.path,
        enabled: script.enabled && script.removed_at === null,
        core: script.core,
        classification: script.classification,
        reason: script.reason,
        declared_schedule: script.declared_schedule,
        schedules: script.schedules,
        last_run: lastRunOf(database, entry.path),
      };
    }),
  render: renderStatus,
});
