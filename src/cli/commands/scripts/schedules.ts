import { defineCommand } from '../../command.ts';
import { renderSchedules } from '../../render/schedules.ts';
import { withSchedules } from '../../schedules-door.ts';

export default defineCommand({
  description:
    'Every schedule: when it runs next, how its last run ended, and what is not as its script declares.',
  example: 'nexo scripts schedules',
  flags: {},
  run: async ({ context }) => {
    const { listAllSchedules } = await import('../../../automation/schedules/audit.ts');
    return withSchedules(context, { readOnly: true }, listAllSchedules);
  },
  render: (rows, view) => renderSchedules(rows, view).join('\n'),
});
