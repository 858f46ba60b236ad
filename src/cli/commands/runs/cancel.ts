import { setTimeout as delay } from 'node:timers/promises';

import { endMarkedProcesses } from '../../../base/marked-processes.ts';
import { RUN_ID_VARIABLE } from '../../../runner/environment.ts';
import { removeSpentRequests } from '../../../runner/queue.ts';
import { openRunRecords } from '../../../runner/records/best-effort.ts';
import { defineCommand } from '../../command.ts';
import { renderRunLine } from '../../render/runs.ts';
import { runWorld } from '../../run-door.ts';

/** Longer than a run takes to end its processes the hard way, in milliseconds. */
const WAIT_MS = 15_000;
const LOOK_MS = 100;

export default defineCommand({
  description:
    'Ends a run with everything that it started. What it did until then is kept. A run that waits in the queue never ' +
    'begins; one that is over stays as it is.',
  example: 'nexo runs cancel last',
  flags: {},
  positionals: [{ name: 'id', description: 'the run, the beginning of its id, or last', required: true }],
  run: async ({ words: [id = ''], context }) => {
    const world = runWorld(context);
    const records = await openRunRecords(world);
    try {
      let run = records.requestCancel(id);
      removeSpentRequests(world, records);
      const giveUpAt = performance.now() + WAIT_MS;
      while (run.status === 'running' && performance.now() < giveUpAt) {
        await delay(LOOK_MS);
        records.reconcile();
        run = records.find(run.id);
      }
      // Whoever ran it may have been killed just now, and what it started goes on.
      if (run.status !== 'running') await endMarkedProcesses(RUN_ID_VARIABLE, run.id, LOOK_MS);
      return { run, ended: run.status !== 'running' };
    } finally {
      records.close();
    }
  },
  failed: ({ ended }) => !ended,
  render: ({ run, ended }, view) =>
    ended
      ? renderRunLine(run, view)
      : `${view.ink.warn(view.marks.warning)} ${run.id} was asked to end and has not ended yet.`,
});
