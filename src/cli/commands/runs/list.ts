import { openRunRecords } from '../../../runner/records/best-effort.ts';
import { RUN_STATES } from '../../../runner/records/run-row.ts';
import { defineCommand } from '../../command.ts';
import { choice, text, wholeNumber } from '../../flags.ts';
import { renderRunLine } from '../../render/runs.ts';
import { count } from '../../render/words.ts';
import { runWorld } from '../../run-door.ts';

export default defineCommand({
  description: 'The latest runs, newest first: who asked, what ran, how it ended, what it cost.',
  example: 'nexo runs list --limit 5',
  flags: {
    limit: wholeNumber('how many at most; 20 unless told'),
    caller: text('only those of this caller', { placeholder: 'id' }),
    status: choice(RUN_STATES, 'only those in this state', 'state'),
  },
  run: async ({ flags, context }) => {
    const records = await openRunRecords(runWorld(context));
    try {
      records.reconcile();
      const { limit = 20, caller, status } = flags;
      return { runs: records.list({ limit, caller, status }) };
    } finally {
      records.close();
    }
  },
  render: ({ runs }, view) =>
    [view.ink.bold(count(runs.length, 'run')), ...runs.map((run) => renderRunLine(run, view))].join('\n'),
});
