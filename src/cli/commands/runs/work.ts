import { ownIdentity } from '../../../base/process-identity.ts';
import { NexoError } from '../../../errors.ts';
import { claimQueuedRun, runClaimed } from '../../../runner/queue.ts';
import { defineCommand } from '../../command.ts';
import { wholeNumber } from '../../flags.ts';
import { count } from '../../render/words.ts';
import { runWorld } from '../../run-door.ts';

/** A claim holds until the run has begun, which takes no longer. In milliseconds. */
const LEASE_MS = 15 * 60_000;

export default defineCommand({
  description:
    'Runs what waits in the queue, one after the other, until it is empty. A daemon does the same by itself; several ' +
    'workers never take the same run.',
  example: 'nexo runs work',
  stopsItself: true,
  flags: { limit: wholeNumber('how many at most') },
  run: async ({ flags: { limit = Number.POSITIVE_INFINITY }, context }) => {
    const world = runWorld(context);
    const { signal } = context.io;
    const runs: { id: string; status: string; reason: string }[] = [];
    while (runs.length < limit && !signal.aborted) {
      const claimed = await claimQueuedRun(world, { worker: ownIdentity(), leaseMs: LEASE_MS });
      if (claimed === undefined) break;
      try {
        const { id, status, reason } = await runClaimed(claimed, world, {
          signal,
          onNote: (line) => context.note(line),
        });
        runs.push({ id, status, reason });
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        context.note(`${claimed.id}: ${error.message}`);
        runs.push({ id: claimed.id, status: 'failed', reason: 'unavailable' });
      }
    }
    return { runs };
  },
  failed: ({ runs }) => runs.some(({ status }) => status !== 'ok'),
  render: ({ runs }, { ink, marks }) =>
    [
      ink.bold(runs.length === 0 ? 'Nothing waits in the queue' : count(runs.length, 'run')),
      ...runs.map(
        ({ id, status, reason }) =>
          `${status === 'ok' ? ink.good(marks.done) : ink.bad(marks.failure)} ${id} ${reason}`,
      ),
    ].join('\n'),
});
