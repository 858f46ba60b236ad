import { isoTime } from '../base/clock.ts';
import type { DaemonPart, PartReport } from './part.ts';

/** The scheduler: runs the scripts whose schedules are the daemon's business. */
export const schedulerPart: DaemonPart = {
  name: 'scheduler',
  start: async (context) => {
    const { runScheduler } = await import('../automation/schedules/scheduler.ts');
    const { readOverview } = await import('../automation/schedules/overview.ts');
    const { database, clock, log, paths } = context;
    const stop = new AbortController();
    const lookAgain = new Set<(event: { readonly kind: string }) => void>();
    let graceMs = 0;
    const ended = runScheduler({
      home: paths,
      database,
      clock,
      log,
      signal: stop.signal,
      wakeEvents: {
        on: (listener) => {
          lookAgain.add(listener);
          const off = context.wakeEvents.on(listener);
          return () => {
            lookAgain.delete(listener);
            off();
          };
        },
      },
      // Asked for once the signal has come.
      get graceMs() {
        return graceMs;
      },
    });
    // Nobody may be listening when it ends in the middle of a stop.
    ended.catch(() => {});
    return {
      ready: Promise.resolve(),
      ended,
      stop: async (ms) => {
        graceMs = ms;
        stop.abort();
        await ended;
      },
      report: (): PartReport => {
        const { next, running, schedules } = readOverview(database);
        return {
          detail: `${schedules} ${schedules === 1 ? 'schedule' : 'schedules'}, ${running.length} running`,
          next: next.map(({ cronId, dueAt }) => ({ name: cronId, due_at: isoTime({ now: () => dueAt }) })),
          running: running.map(({ cronId, startedAt }) => ({ name: cronId, since: startedAt })),
          metrics: { schedules, runs_running: running.length },
        };
      },
      reload: async () => {
        for (const listener of lookAgain) listener({ kind: 'look' });
      },
    };
  },
};
