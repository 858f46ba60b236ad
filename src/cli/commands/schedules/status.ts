import { NexoError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { wholeNumber } from '../../flags.ts';
import { renderStatus } from '../../render/schedules.ts';
import { withSchedules } from '../../schedules-door.ts';

/** A year: everything that is kept. */
const MAX_HOURS = 8784;

export default defineCommand({
  description: 'How the scheduled runs went in the last hours; with an id, each run of that schedule.',
  example: 'nexo schedules status --hours 48',
  flags: { hours: wholeNumber('how far to look back; default 24', 'hours') },
  positionals: [{ name: 'id', description: 'id of a schedule' }],
  run: async ({ flags: { hours = 24 }, words: [cronId], context }) => {
    if (hours < 1 || hours > MAX_HOURS) throw new NexoError('USAGE', `--hours goes from 1 to ${MAX_HOURS}.`);
    const { scheduleStatus } = await import('../../../automation/schedules/history.ts');
    return withSchedules(context, { readOnly: true }, async ({ database, clock }) =>
      scheduleStatus(database, { hours, cronId, now: clock.now() }),
    );
  },
  render: renderStatus,
});
