import { defineCommand } from '../../command.ts';
import { renderUnscheduled } from '../../render/schedules.ts';
import { withSchedules } from '../../schedules-door.ts';

export default defineCommand({
  description:
    'Takes the schedules of a script away. What it declares stays in its header; reconcile leaves it alone until ' +
    'nexo schedules add brings it back.',
  example: 'nexo scripts unschedule morning-report',
  flags: {},
  positionals: [{ name: 'name', description: 'name of the script', required: true, completes: 'script' }],
  run: async ({ words: [name = ''], context }) => {
    const { unscheduleScript } = await import('../../../automation/schedules/manage.ts');
    const { resolvePersonal } = await import('../../../automation/scripts/resolve-script.ts');
    return withSchedules(context, {}, (options) =>
      unscheduleScript(options, resolvePersonal(options.home, name).entry),
    );
  },
  render: renderUnscheduled,
});
