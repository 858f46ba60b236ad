import type { DatabaseSync } from 'node:sqlite';

import { isRunning, type ProcessIdentity } from '../../base/process-identity.ts';
import { inTransaction, sqlTime, statement } from '../../home/sql.ts';
import { mayRunByItself } from '../scripts/registry.ts';
import { lastDue, nextDue } from './calendar.ts';
import { claim, insertSlot, setOutcome } from './claim.ts';
import { countDueWithin } from './gaps.ts';
import { type Run, readOpenRun, readRun } from './runs.ts';
import { readSchedule, type Schedule } from './store.ts';
import { type Decision, decide, ON_TIME_MS, type PassCause, restartDelayMs } from './tick.ts';
import { type Zone, zoneOf } from './zone.ts';

/** What a pass knows about the world. */
export interface Moment {
  readonly now: number;
  readonly zone: Zone;
  readonly cause: PassCause;
  /** This run of the machine, see `bootIdentity`. */
  readonly boot: string;
  /** The process that takes what is due, see `ownIdentity`. */
  readonly owner: ProcessIdentity;
  /** Tells whether a process still runs. */
  readonly isAlive?: (identity: ProcessIdentity) => boolean;
}

export interface Settled {
  /** A run that this process now has to start: nobody else can. */
  readonly run: Run | undefined;
  /** A process that a dead owner left behind; until it is gone, nothing of this schedule starts. */
  readonly orphan: ProcessIdentity | undefined;
  readonly decision: Decision | undefined;
}

/** How long a daemon has to run for its next end to count as the first, in milliseconds. */
const STEADY_MS = 60_000;
const UTC = zoneOf('UTC');
const NO_END = { signal: null, timedOut: false, stopped: false, summary: '', durationMs: 0 };
const NOTHING: Settled = { run: undefined, orphan: undefined, decision: undefined };

/**
 * Gives every due time of one schedule up to now its outcome, in one transaction: those that are not run are recorded
 * with the reason, and the one that is to run is claimed. Whoever comes second, in this process or another, finds
 * nothing to do.
 *
 * `holdRunning` treats the schedule as running, for a run that has just ended: what fell due meanwhile was overlapped.
 */
export function settle(
  database: DatabaseSync,
  cronId: string,
  moment: Moment,
  { holdRunning = false } = {},
): Settled {
  return inTransaction(database, () => settleWithin(database, cronId, moment, { holdRunning }));
}

/** As `settle`, inside a transaction of the caller's, which may hold many. */
export function settleWithin(
  database: DatabaseSync,
  cronId: string,
  moment: Moment,
  { holdRunning = false } = {},
): Settled {
  const schedule = readSchedule(database, cronId);
  if (schedule === undefined) return NOTHING;
  const open = resolveOpenRun(database, schedule, moment);
  const current = open.changed ? (readSchedule(database, cronId) ?? schedule) : schedule;
  const cursor = rewind(database, current, moment);
  const decision = decide(
    {
      rule: current.rule,
      policy: current.recoveryPolicy,
      idempotent: current.idempotent,
      maxCatchupAgeMs: current.maxCatchupAge * 1000,
      runOnWake: current.runOnWake,
      cursor,
      startAt: current.nextDueAt,
      running: open.running || holdRunning,
      disabled: !mayRunByItself(database, current.scriptPath),
      bootPending: current.runOnBoot && current.booted !== moment.boot,
      retry: retryOf(database, current),
    },
    moment,
  );
  const run = apply(database, current, decision, moment);
  return { run, orphan: open.orphan, decision };
}

/**
 * Takes the moment at which a timer of the operating system has gone off as the due time of an interval: such timers count
 * from their own start and drift, and the ledger's grid would call them late. A timer that is late by more than half an
 * interval has slept, and is left to the recovery policy.
 */
export function alignInterval(database: DatabaseSync, cronId: string, now: number): void {
  inTransaction(database, () => {
    const schedule = readSchedule(database, cronId);
    if (schedule === undefined || schedule.timing.kind !== 'interval' || schedule.backend === 'builtin')
      return;
    const every = schedule.timing.seconds * 1000;
    const { rule, cursorAt } = schedule;
    // A grid has no zone.
    const before = lastDue(rule, cursorAt, UTC) ?? rule.anchorMs;
    const passed = now - before;
    if (passed < every / 2 || passed > 1.5 * every + ON_TIME_MS) return;
    const anchor = now - Math.round(passed / every) * every;
    statement(
      database,
      'UPDATE schedules SET anchor_at = ?, cursor_at = max(cursor_at, ?) WHERE cron_id = ?',
    ).run(anchor, anchor, cronId);
  });
}

/**
 * Makes a claimed run ours and says that it is about to start; false when somebody else has taken it since, or when it
 * was given back: then nothing may be started.
 */
export function adopt(
  database: DatabaseSync,
  { id, token }: Pick<Run, 'id' | 'token'>,
  { owner, now }: Pick<Moment, 'owner' | 'now'>,
): boolean {
  const changed = statement(
    database,
    `UPDATE cron_runs SET state = 'running', owner = ?, started_at = ?
       WHERE id = ? AND token = ? AND state = 'claimed'`,
  ).run(owner, sqlTime(now), id, token);
  return changed.changes === 1;
}

/** Remembers the process that the script runs in, so that it is found when its owner dies. */
export function recordChild(database: DatabaseSync, runId: number, child: ProcessIdentity): void {
  statement(database, `UPDATE cron_runs SET child = ? WHERE id = ? AND state = 'running'`).run(child, runId);
}

export interface RunEnd {
  readonly endedAt: number;
  readonly exitCode: number;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Ended because the scheduler was told to stop. */
  readonly stopped: boolean;
  readonly summary: string;
  readonly error: string;
  readonly durationMs: number;
}

/** Closes a run and gives its due time its outcome. False when the run was closed before. */
export function finish(database: DatabaseSync, runId: number, end: RunEnd): boolean {
  return inTransaction(database, () => {
    const run = readRun(database, runId);
    if (run === undefined || run.state === 'ended') return false;
    closeRun(database, run, end);
    return true;
  });
}

/** Gives a claim back that was never started, so that the next pass decides about it anew. */
export function giveBack(database: DatabaseSync, run: Pick<Run, 'id' | 'token'>): boolean {
  return inTransaction(database, () => {
    const found = readRun(database, run.id);
    if (found === undefined || found.token !== run.token || found.state !== 'claimed') return false;
    unclaim(database, found);
    return true;
  });
}

/** Closes a claim that nobody could start, as a failure. False when it was started, or is not ours any more. */
export function abandon(database: DatabaseSync, run: Pick<Run, 'id' | 'token'>, now: number): boolean {
  return inTransaction(database, () => {
    const found = readRun(database, run.id);
    if (found === undefined || found.token !== run.token || found.state !== 'claimed') return false;
    const error = 'the run could not be started';
    closeRun(database, found, { ...NO_END, endedAt: now, exitCode: 1, error });
    return true;
  });
}

interface OpenRun {
  readonly running: boolean;
  readonly orphan: ProcessIdentity | undefined;
  readonly changed: boolean;
}

function resolveOpenRun(database: DatabaseSync, schedule: Schedule, moment: Moment): OpenRun {
  const { isAlive = isRunning } = moment;
  const run = readOpenRun(database, schedule.cronId);
  if (run === undefined) return { running: false, orphan: undefined, changed: false };
  if (isAlive(run.owner)) return { running: true, orphan: undefined, changed: false };
  if (run.state === 'claimed') {
    // Its owner died before anything was started: it is as if nobody had taken it.
    unclaim(database, run);
    return { running: false, orphan: undefined, changed: true };
  }
  if (run.child !== null && isAlive(run.child)) return { running: true, orphan: run.child, changed: false };
  closeRun(database, run, {
    ...NO_END,
    endedAt: moment.now,
    exitCode: 137,
    stopped: true,
    error: 'interrupted: the process that ran it is gone',
    durationMs: Math.max(0, moment.now - Date.parse(`${run.startedAt.replace(' ', 'T')}Z`)),
  });
  return { running: false, orphan: undefined, changed: true };
}

function unclaim(database: DatabaseSync, run: Run): void {
  if (run.attempt > 1) {
    // The first attempt stays what it was, and the second is open again.
    statement(
      database,
      `UPDATE cron_runs SET state = 'ended', attempt = attempt - 1, ended_at = started_at WHERE id = ?`,
    ).run(run.id);
    setOutcome(database, run, 'interrupted', 'stopped');
    statement(database, 'UPDATE schedules SET retry_due_at = ?, next_due_at = ? WHERE cron_id = ?').run(
      run.dueAt,
      run.dueAt,
      run.cronId,
    );
    return;
  }
  statement(database, 'DELETE FROM schedule_slots WHERE cron_id = ? AND due_at = ?').run(
    run.cronId,
    run.dueAt,
  );
  statement(database, 'DELETE FROM cron_runs WHERE id = ?').run(run.id);
  statement(
    database,
    `UPDATE schedules SET cursor_at = min(cursor_at, ?), next_due_at = min(coalesce(next_due_at, ?), ?),
         booted = CASE WHEN ? = 'boot' THEN '' ELSE booted END
       WHERE cron_id = ?`,
  )
    // A boot's run has no due time of its own to come back to.
    .run(
      run.cause === 'boot' ? Number.MAX_SAFE_INTEGER : run.dueAt - 1,
      run.dueAt,
      run.dueAt,
      run.cause,
      run.cronId,
    );
}

function closeRun(database: DatabaseSync, run: Run, end: RunEnd): void {
  statement(
    database,
    `UPDATE cron_runs SET state = 'ended', ended_at = ?, exit_code = ?, signal = ?, timed_out = ?, summary = ?,
         error = ?, duration_secs = ?, child = NULL
       WHERE id = ?`,
  ).run(
    sqlTime(end.endedAt),
    end.exitCode,
    end.signal,
    end.timedOut ? 1 : 0,
    end.summary,
    end.error,
    Math.round(end.durationMs / 100) / 10,
    run.id,
  );
  if (run.cause === 'keep_alive') {
    setOutcome(
      database,
      run,
      end.stopped || end.exitCode === 0 ? 'ran' : 'failed',
      end.stopped ? 'stopped' : '',
    );
    planRestart(database, run, end);
    return;
  }
  if (end.stopped) {
    setOutcome(database, run, 'interrupted', 'stopped');
    statement(database, 'UPDATE schedules SET retry_due_at = ?, next_due_at = ? WHERE cron_id = ?').run(
      run.dueAt,
      run.dueAt,
      run.cronId,
    );
    return;
  }
  const good = run.cause === 'catchup' ? 'caught_up' : 'ran';
  setOutcome(
    database,
    run,
    end.exitCode === 0 ? good : 'failed',
    run.cause === 'due' || run.cause === 'catchup' ? '' : run.cause,
  );
}

function planRestart(database: DatabaseSync, run: Run, end: RunEnd): void {
  const { restarts = 0 } =
    statement(database, 'SELECT restarts FROM schedules WHERE cron_id = ?').get(run.cronId) ?? {};
  const before = end.durationMs >= STEADY_MS ? 0 : Number(restarts);
  const wait = end.stopped && end.exitCode !== 137 ? 0 : restartDelayMs(before);
  statement(database, 'UPDATE schedules SET restarts = ?, next_due_at = ? WHERE cron_id = ?').run(
    before + (wait === 0 ? 0 : 1),
    end.endedAt + wait,
    run.cronId,
  );
}

function retryOf(database: DatabaseSync, { cronId, retryDueAt }: Schedule) {
  if (retryDueAt === null) return null;
  const row = statement(database, 'SELECT attempt FROM cron_runs WHERE cron_id = ? AND due_at = ?').get(
    cronId,
    retryDueAt,
  );
  return { dueAt: retryDueAt, attempt: Number(row?.attempt ?? 1) };
}

/**
 * Takes the cursor back when the clock was set back behind it, and forgets the gaps that lie ahead again: their times
 * are still to come. What ran stays recorded and never runs twice.
 */
function rewind(database: DatabaseSync, { cronId, cursorAt, rule }: Schedule, { now, zone }: Moment): number {
  if (cursorAt <= now) return cursorAt;
  statement(database, 'DELETE FROM schedule_gaps WHERE cron_id = ? AND from_due_at > ?').run(cronId, now);
  for (const gap of statement(
    database,
    'SELECT id, from_due_at FROM schedule_gaps WHERE cron_id = ? AND to_due_at > ?',
  ).all(cronId, now)) {
    const to = lastDue(rule, now, zone) ?? now;
    const from = Number(gap.from_due_at);
    statement(database, 'UPDATE schedule_gaps SET to_due_at = ?, count = ? WHERE id = ?').run(
      to,
      countDueWithin(database, { cronId, rule, from, to, zone }),
      Number(gap.id),
    );
  }
  return now;
}

function apply(
  database: DatabaseSync,
  schedule: Schedule,
  decision: Decision,
  moment: Moment,
): Run | undefined {
  const { cronId, rule } = schedule;
  const { now, zone } = moment;
  const { gap, skip } = decision;
  if (gap !== null) {
    const count = countDueWithin(database, { cronId, rule, from: gap.from, to: gap.to, zone });
    if (count > 0) {
      statement(
        database,
        `INSERT INTO schedule_gaps (cron_id, from_due_at, to_due_at, count, reason, recorded_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
      ).run(cronId, gap.from, gap.to, count, gap.reason, now);
    }
  }
  if (skip !== null)
    insertSlot(database, { cronId, dueAt: skip.dueAt, outcome: 'skipped', reason: skip.reason, now });
  statement(
    database,
    `UPDATE schedules SET cursor_at = ?, next_due_at = ?,
         retry_due_at = CASE WHEN ? THEN NULL ELSE retry_due_at END,
         booted = CASE WHEN ? THEN ? ELSE booted END
       WHERE cron_id = ?`,
  ).run(
    decision.cursor,
    decision.nextDue,
    decision.retryDone ? 1 : 0,
    decision.booted || !schedule.runOnBoot ? 1 : 0,
    moment.boot,
    cronId,
  );
  return decision.run === null ? undefined : claim(database, schedule, decision.run, moment);
}

/** The first due time after now, for a schedule that is new or whose zone has changed. */
export function firstDue(schedule: Pick<Schedule, 'rule'>, now: number, zone: Zone): number | null {
  return schedule.rule.timing.kind === 'keep_alive' ? now : (nextDue(schedule.rule, now, zone) ?? null);
}
