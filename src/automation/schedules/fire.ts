import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../../base/clock.ts';
import { bootIdentity, ownIdentity, pidOf } from '../../base/process-identity.ts';
import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { executeRun, importSpool, type JobResult, type RunJob } from './execute.ts';
import { alignInterval, settle } from './ledger.ts';
import { type Run, readRun } from './runs.ts';
import { readSchedule, type Schedule } from './store.ts';
import { systemZoneId, zoneOf } from './zone.ts';

export interface FireOptions {
  readonly home: HomePaths;
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runJob: RunJob;
  readonly zoneId?: () => string;
}

export interface Fired {
  /** `nothing`: every due time has its outcome already; `lost`: the claim was no longer good. */
  readonly did: 'ran' | 'nothing' | 'lost';
  readonly result: JobResult | undefined;
}

/** How often a script that lost its owner is asked to end, and the pause between, in milliseconds. */
const ORPHAN_TRIES = 10;
const ORPHAN_PAUSE_MS = 1_000;

/** Runs a due time that the scheduler has claimed and handed over. */
export async function fireClaimed(runId: number, token: string, options: FireOptions): Promise<Fired> {
  const run = readRun(options.database, runId);
  if (run === undefined || run.token !== token) return { did: 'lost', result: undefined };
  const result = await executeRun(run, options);
  return { did: result === undefined ? 'lost' : 'ran', result };
}

/**
 * What a timer of the operating system calls: looks at the ledger, and runs what is due there, if anything is. The timer
 * only wakes us; the same rules decide as in our own scheduler, so a timer that comes too often or too late does no harm.
 * Throws SCHEDULE_NOT_FOUND.
 */
export async function fireDue(cronId: string, options: FireOptions): Promise<Fired> {
  const { database, home } = options;
  importSpool(home, database);
  if (readSchedule(database, cronId) === undefined) {
    throw new NexoError('SCHEDULE_NOT_FOUND', `There is no schedule ${cronId} in ${home.home}.`, {
      hint: 'The unit that called is left over: nexo scripts reconcile --prune-orphans removes it.',
    });
  }
  alignInterval(database, cronId, options.clock.now());
  const run = await claimDue(cronId, options);
  if (run === undefined) return { did: 'nothing', result: undefined };
  const result = await executeRun(run, options);
  const schedule = readSchedule(database, cronId);
  // What fell due during the run was overlapped by it; the timer, which waited for us, will not tell.
  if (schedule !== undefined && schedule.timing.kind !== 'keep_alive')
    settle(database, cronId, momentOf(schedule, options), { holdRunning: true });
  return { did: result === undefined ? 'lost' : 'ran', result };
}

async function claimDue(cronId: string, options: FireOptions): Promise<Run | undefined> {
  const { database, clock, signal } = options;
  for (let tries = 0; !signal.aborted; ) {
    const schedule = readSchedule(database, cronId);
    if (schedule === undefined) return undefined;
    const { run, orphan } = settle(database, cronId, momentOf(schedule, options));
    if (run !== undefined) return run;
    if (orphan !== undefined && tries < ORPHAN_TRIES) {
      endGroup(pidOf(orphan), tries === 0 ? 'SIGTERM' : 'SIGKILL');
      tries += 1;
      await pause(ORPHAN_PAUSE_MS, signal);
      continue;
    }
    // A daemon's manager starts us at once again; the pause between its starts is ours.
    const next = readSchedule(database, cronId);
    if (next?.timing.kind !== 'keep_alive' || next.nextDueAt === null) return undefined;
    await pause(Math.max(10, next.nextDueAt - clock.now()), signal);
  }
  return undefined;
}

function momentOf(schedule: Schedule, { clock, zoneId = systemZoneId }: FireOptions) {
  const boot = bootIdentity();
  return {
    now: clock.now(),
    zone: zoneOf(zoneId()),
    // A timer that is late while the machine has not been restarted has slept with it.
    cause: schedule.booted === boot ? ('wake' as const) : ('start' as const),
    boot,
    owner: ownIdentity(),
  };
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(Math.min(ms, 60_000), undefined, { signal });
  } catch {
    // Aborted: the caller sees that.
  }
}
