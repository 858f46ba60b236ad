import { isoTime } from '../base/clock.ts';
import { ownIdentity } from '../base/process-identity.ts';
import { NexoError } from '../errors.ts';
import type { RunWorld } from '../runner/request.ts';
import type { DaemonPart, PartReport } from './part.ts';

/** How often it looks whether something waits in the queue, in milliseconds. */
const LOOK_MS = 2_000;
/** A claim holds until the run has begun, which takes no longer. In milliseconds. */
const LEASE_MS = 15 * 60_000;
/** How many runs of the queue go on at once; the places for all runs limit them further. */
const MAX_AT_ONCE = 2;

/** The queue of runs: what was put there with `--queue` is run, whoever put it there and in whatever project. */
export const runsPart: DaemonPart = {
  name: 'runs',
  start: async ({ paths, env, userHome, clock, database, log }) => {
    const world: RunWorld = { paths, env, userHome, clock, cwd: userHome };
    const waiting = database.prepare("SELECT count(*) AS n FROM automation_runs WHERE status = 'queued'");
    const count = (): number => Number(waiting.get()?.n ?? 0);
    const active = new Map<string, { readonly since: string; readonly done: Promise<void> }>();
    const abort = new AbortController();
    let isStopping = false;
    let looking: Promise<void> = Promise.resolve();

    const begin = async (): Promise<void> => {
      // The runner's code is loaded for the first run and not with the daemon.
      if (isStopping || active.size >= MAX_AT_ONCE || count() === 0) return;
      const { claimQueuedRun, runClaimed } = await import('../runner/queue.ts');
      while (!isStopping && active.size < MAX_AT_ONCE) {
        const claimed = await claimQueuedRun(world, { worker: ownIdentity(), leaseMs: LEASE_MS });
        if (claimed === undefined) return;
        const { id } = claimed;
        const done = runClaimed(claimed, world, { signal: abort.signal }).then(
          ({ status, reason }) => log.info('ran', { run: id, status, reason }),
          (error: unknown) => {
            // One without a place goes back into the queue; the others are recorded as failed.
            const code = error instanceof NexoError ? error.code : 'INTERNAL';
            log.warn('did not run', { run: id, code });
          },
        );
        active.set(id, { since: isoTime(clock), done: done.finally(() => active.delete(id)) });
      }
    };
    const look = (): Promise<void> => {
      looking = looking.then(begin).catch((error: unknown) => {
        log.error('cannot look into the queue', {
          error: error instanceof Error ? error.message : String(error),
        });
      });
      return looking;
    };
    const timer = setInterval(look, LOOK_MS);
    void look();
    return {
      ready: Promise.resolve(),
      stop: async (graceMs) => {
        isStopping = true;
        clearInterval(timer);
        await looking;
        const late = setTimeout(() => abort.abort(), graceMs);
        await Promise.all([...active.values()].map(({ done }) => done));
        clearTimeout(late);
      },
      report: (): PartReport => ({
        detail: `${active.size} running, ${count()} waiting`,
        running: [...active].map(([name, { since }]) => ({ name, since })),
        metrics: { queued_runs: count(), queued_runs_running: active.size },
      }),
      reload: look,
    };
  },
};
