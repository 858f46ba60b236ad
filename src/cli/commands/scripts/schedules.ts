import { defineCommand } from '../../command.ts';
import { renderSchedules } from '../../render/schedules.ts';
import { listAllSchedules } from '../../schedule-list.ts';

export default defineCommand({
  description:
    'Every schedule: when it runs next, how its last run ended, and what is not as its script declares.',
  example: 'nexo scripts schedules',
  flags: {},
  run: ({ context }) => listAllSchedules(context),
  render: (rows, view) => renderSchedules(rows, view).join('\n'),
});
