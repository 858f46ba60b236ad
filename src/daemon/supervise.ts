import type { Log } from '../base/log.ts';
import type { DaemonPart, PartContext, RunningPart } from './part.ts';
import type { PartStatus } from './status.ts';

export interface SupervisedPart {
  readonly name: string;
  status(): PartStatus;
  reload(): Promise<void>;
  /** Stops it for good; never throws. */
  stop(graceMs: number): Promise<void>;
}

export interface SuperviseOptions {
  readonly part: DaemonPart;
  readonly context: PartContext;
  readonly log: Log;
  /** Pauses before a part that failed is started again, in milliseconds; the last one from then on. */
  readonly pausesMs?: readonly number[];
}

const PAUSES_MS = [1_000, 5_000, 15_000, 60_000];
/** A part that has worked for so long starts with the shortest pause again, in milliseconds. */
const STEADY_MS = 10 * 60_000;

/**
 * Starts a part and keeps it running: one that cannot start, or ends by itself, is started again after a pause that
 * grows. One part that fails never takes another with it.
 */
export function supervise({ part, context, log, pausesMs = PAUSES_MS }: SuperviseOptions): SupervisedPart {
  const stop = new AbortController();
  let running: RunningPart | undefined;
  let ready = false;
  let restarts = 0;
  let problem: string | undefined;
  let graceMs = 0;
  const stopped = aborted(stop.signal);

  const life = (async () => {
    for (let failures = 0; !stop.signal.aborted; failures += 1) {
      const startedAt = context.clock.now();
      problem = await live();
      if (stop.signal.aborted) return;
      if (context.clock.now() - startedAt > STEADY_MS) failures = 0;
      const pauseMs = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0;
      log.error(`the ${part.name} failed and is started again`, { reason: problem, pauseMs });
      await pause(pauseMs, stop.signal);
      restarts += 1;
    }
  })();

  /** One life of the part, to its end; answers with why it is over. */
  async function live(): Promise<string> {
    let started: RunningPart | undefined;
    let reason: string;
    try {
      started = await part.start(context);
      running = started;
      await Promise.race([started.ready, stopped]);
      if (!stop.signal.aborted) {
        ready = true;
        problem = undefined;
        await Promise.race([started.ended ?? stopped, stopped]);
      }
      reason = 'it ended by itself';
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    ready = false;
    try {
      // One that failed has nothing to finish; what it left is ended.
      await started?.stop(stop.signal.aborted ? graceMs : 0);
    } catch (error) {
      log.error(`the ${part.name} did not stop cleanly`, { error });
    }
    running = undefined;
    return reason;
  }

  return {
    name: part.name,
    status: () => {
      const report = running?.report?.() ?? {};
      const detail = problem === undefined ? report.detail : `failed: ${problem}`;
      return { name: part.name, ready, restarts, ...report, ...(detail !== undefined && { detail }) };
    },
    reload: async () => running?.reload?.(),
    stop: async (ms) => {
      graceMs = ms;
      stop.abort();
      await life;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}
