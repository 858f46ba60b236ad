import { NexoError } from '../../../errors.ts';
import { openRunRecords } from '../../../runner/records/best-effort.ts';
import { runStats } from '../../../runner/records/run-stats.ts';
import { defineCommand } from '../../command.ts';
import { wholeNumber } from '../../flags.ts';
import { renderItems } from '../../render/catalog.ts';
import { duration, money } from '../../render/runs.ts';
import { count } from '../../render/words.ts';
import { runWorld } from '../../run-door.ts';

const DAY_MS = 24 * 3600_000;

export default defineCommand({
  description: 'What runs came to: how many, how they ended, their tokens and their cost, for each caller.',
  example: 'nexo runs stats --days 7',
  flags: { days: wholeNumber('only the last so many days') },
  run: async ({ flags: { days }, context }) => {
    if (days === 0) throw new NexoError('USAGE', '--days takes 1 or more.');
    const world = runWorld(context);
    const since = days === undefined ? null : new Date(world.clock.now() - days * DAY_MS).toISOString();
    const records = await openRunRecords(world);
    try {
      records.reconcile();
      return runStats(records.database, since);
    } finally {
      records.close();
    }
  },
  render: ({ total, callers, reasons }, view) =>
    [
      view.ink.bold(`${count(total.runs, 'run')}, ${money(total.costUsd)}`),
      ...renderItems(
        callers.map((each) => ({
          columns: [
            each.caller,
            count(each.runs, 'run'),
            each.failed === 0 ? 'all ok' : `${each.failed} failed`,
            `${each.inputTokens + each.outputTokens} tokens`,
            `${money(each.costUsd)}${each.withoutCost === 0 ? '' : ` (${each.withoutCost} of unknown cost)`}`,
            each.medianMs === null ? '' : `median ${duration(each.medianMs)}`,
          ],
          lines: [],
        })),
        view,
      ),
      ...Object.entries(reasons)
        .filter(([reason]) => reason !== 'completed')
        .map(([reason, times]) => `  ${view.ink.warn(view.marks.warning)} ${reason}: ${times}`),
    ].join('\n'),
});
