import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import {
  bootIdentity,
  isRunning,
  ownIdentity,
  type ProcessIdentity,
  pidOf,
} from '../../base/process-identity.ts';
import type { HomePaths } from '../../home/paths.ts';
import { importSpool } from './execute.ts';
import { abandon, giveBack, type Moment } from './ledger.ts';
import { hasForeignRuns, nextDueOf, runPass } from './pass.ts';
import type { Run } from './runs.ts';
import { type StartRun, startWrapper } from './start-run.ts';
import type { PassCause } from './tick.ts';
import { systemZoneId, zoneOf } from './zone.ts';

/** Who tells that the machine slept or its clock was set; `watchWake` makes one. */
export interface WakeSource {
  on(listener: (event: { readonly kind: string }) => void): () => void;
}

export interface SchedulerOptions {
  readonly home: HomePaths;
  readonly database: DatabaseSync;
  readonly clock: Clock;
  /** Ends the scheduler: nothing new starts, and what runs gets the grace period. */
  readonly signal: AbortSignal;
  readonly wakeEvents?: WakeSource;
  readonly log: Log;
  /** How long runs may go on after the signal, in milliseconds. */
  readonly graceMs?: number;
  /** Runs at the same time; more wait, and are not late for it. */
  readonly maxConcurrent?: number;
  readonly zoneId?: () => string;
  /** Starts a run in a process of its own; tests pass their own. */
  readonly startRun?: StartRun;
}

/** The longest sleep between two passes, in milliseconds: the wall clock is looked at at least this often. */
const MAX_SLEEP_MS = 20_000;
/** The same while runs go on that we have not started, in milliseconds: nobody tells us of their end. */
const FOREIGN_POLL_MS = 2_000;
/** A difference between two clocks that is a sleep or a setting, in milliseconds. */
const JUMP_MS = 5_000;
const GRACE_MS = 30_000;
/** What a run needs to end itself after SIGTERM, in milliseconds; then it is killed. */
const STOP_MS = 8_000;

/**
 * Our own scheduler: sleeps until something is due, sees to it, and sleeps again, until the signal. Several processes
 * may do this at once for one home; each due time has one winner. Resolves when nothing of ours runs any more.
 */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { database, clock, signal, log, maxConcurrent = 8, startRun = startWrapper } = options;
  const zoneId = options.zoneId ?? systemZoneId;
  const running = new Map<number, Running>();
  const orphans = new Set<ProcessIdentity>();
  const queue: Run[] = [];
  let cause: PassCause = 'start';
  let wake = (): void => {};
  const stopListening = options.wakeEvents?.on(({ kind }) => {
    if (kind === 'wake') cause = 'wake';
    wake();
  });
  signal.addEventListener('abort', () => wake(), { once: true });

  try {
    let lastWall = clock.now();
    let lastSteady = performance.now();
    while (!signal.aborted) {
      const now = clock.now();
      if (cause === 'tick' && now - lastWall - (performance.now() - lastSteady) > JUMP_MS) cause = 'wake';
      lastWall = now;
      lastSteady = performance.now();
      const moment: Moment = {
        now,
        zone: zoneOf(zoneId()),
        cause,
        boot: bootIdentity(),
        owner: ownIdentity(),
      };
      const was: PassCause = cause;
      cause = 'tick';
      try {
        // Before anything is settled: what was spooled has ended, and was not interrupted.
        importSpool(options.home, database);
        const foreign = hasForeignRuns(
          database,
          new Set([...running.keys(), ...queue.map(({ id }) => id)]),
          'builtin',
        );
        const found = runPass(database, moment, { sweep: was !== 'tick' || foreign });
        queue.push(...found.runs);
        endOrphans(found.orphans, orphans, log);
        startQueued();
        const poll = foreign || orphans.size > 0 ? FOREIGN_POLL_MS : MAX_SLEEP_MS;
        const due = (nextDueOf(database) ?? Number.POSITIVE_INFINITY) - clock.now();
        await sleep(Math.max(0, Math.min(due, poll)));
      } catch (error) {
        // A full disk or a busy database ends no scheduler; what is due stays due.
        log.error('the schedules could not be looked at', { error });
        cause = was;
        await sleep(FOREIGN_POLL_MS);
      }
    }
  } finally {
    stopListening?.();
    for (const run of queue.splice(0)) giveBackQuietly(run);
    await drain([...running.values()], options.graceMs ?? GRACE_MS, log);
  }

  function startQueued(): void {
    while (running.size < maxConcurrent && queue.length > 0) {
      const run = queue.shift();
      if (run !== undefined) start(run);
    }
  }

  function start(run: Run): void {
    try {
      const started = startRun(run, options);
      const ended = started.ended
        .catch((error: unknown) => log.error('a run could not be followed', { schedule: run.cronId, error }))
        .finally(() => {
          running.delete(run.id);
          recordNotStarted(run);
          wake();
        });
      running.set(run.id, { run, stop: started.stop, ended });
      log.info('run started', { schedule: run.cronId, run: run.id, cause: run.cause, due: run.dueAt });
    } catch (error) {
      log.error('a run could not be started', { schedule: run.cronId, error });
      recordNotStarted(run);
    }
  }

  /** A wrapper that ended without taking its run would do so again at once: that is a failure, and no new try. */
  function recordNotStarted(run: Run): void {
    try {
      if (abandon(database, run, clock.now()))
        log.error('a run could not be started', { schedule: run.cronId });
    } catch (error) {
      log.warn('a claim could not be closed', { schedule: run.cronId, error });
    }
  }

  function giveBackQuietly(run: Run): void {
    try {
      giveBack(database, run);
    } catch (error) {
      // The claim names us; whoever comes after us sees that we are gone.
      log.warn('a claim could not be given back', { schedule: run.cronId, error });
    }
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        wake = () => {};
        resolve();
      }
      wake = done;
      if (signal.aborted) done();
    });
  }
}

interface Running {
  readonly run: Run;
  stop(signal: NodeJS.Signals): void;
  readonly ended: Promise<void>;
}

/** Daemons end at once, other runs get the grace period; then all are told to stop, and what does not is killed. */
async function drain(running: readonly Running[], graceMs: number, log: Log): Promise<void> {
  if (running.length === 0) return;
  log.info('waiting for runs to end', { runs: running.length, graceMs });
  const all = Promise.allSettled(running.map(({ ended }) => ended));
  for (const each of running) if (each.run.cause === 'keep_alive') each.stop('SIGTERM');
  if (await within(all, graceMs)) return;
  for (const each of running) each.stop('SIGTERM');
  if (await within(all, STOP_MS)) return;
  for (const each of running) each.stop('SIGKILL');
  await within(all, STOP_MS);
}

async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

/** Ends process groups that nobody owns any more: asked the first time, killed when they are seen again. */
function endOrphans(found: readonly ProcessIdentity[], asked: Set<ProcessIdentity>, log: Log): void {
  for (const gone of [...asked].filter((each) => !found.includes(each))) asked.delete(gone);
  for (const orphan of found) {
    const pid = pidOf(orphan);
    if (pid === undefined || !isRunning(orphan)) continue;
    const signal = asked.has(orphan) ? 'SIGKILL' : 'SIGTERM';
    asked.add(orphan);
    log.warn('ending a script whose run was interrupted', { pid, signal });
    try {
      process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  }
}
