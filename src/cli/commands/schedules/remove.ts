import { defineCommand } from '../../command.ts';
import { renderUnscheduled } from '../../render/schedules.ts';
import { withSchedules } from '../../schedules-door.ts';

export default defineCommand({
  description:
    'Takes one schedule away, wherever it is installed. When its script declares it, reconcile leaves it alone until ' +
    'nexo schedules add brings it back. What ran stays in the record.',
  example: 'nexo schedules remove morning-report',
  flags: {},
  positionals: [{ name: 'id', description: 'id of the schedule', required: true }],
  run: async ({ words: [id = ''], context }) => {
    const { removeSchedule } = await import('../../../automation/schedules/manage.ts');
    return withSchedules(context, {}, (options) => removeSchedule(options, id));
  },
  render: renderUnscheduled,
});
