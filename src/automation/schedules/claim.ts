import type { DatabaseSync } from 'node:sqlite';

import { randomHex } from '../../base/ids.ts';
import { sqlTime, statement } from '../../home/sql.ts';
import { wallName } from './calendar.ts';
import { type Run, readOpenRun, readRun } from './runs.ts';
import type { Schedule } from './store.ts';
import type { Decision, RunCause } from './tick.ts';
import type { Zone } from './zone.ts';

/** Takes one due time for a process: its slot and its run, or nothing when it has its outcome already. */
export function claim(
  database: DatabaseSync,
  { cronId, rule }: Schedule,
  { dueAt: wanted, cause, attempt }: NonNullable<Decision['run']>,
  { now, zone, owner }: { readonly now: number; readonly zone: Zone; readonly owner: string },
): Run | undefined {
  const token = randomHex();
  if (cause === 'retry') {
    statement(
      database,
      `UPDATE cron_runs SET state = 'claimed', token = ?, owner = ?, attempt = ?, cause = 'retry', started_at = ?,
           ended_at = NULL, exit_code = NULL, signal = NULL, timed_out = 0, summary = '', error = '',
           duration_secs = NULL, child = NULL
         WHERE cron_id = ? AND due_at = ? AND state = 'ended'`,
    ).run(token, owner, attempt, sqlTime(now), cronId, wanted);
    const run = readOpenRun(database, cronId);
    if (run !== undefined) setOutcome(database, run, 'running', 'retry');
    return run;
  }
  const dueAt = isTimed(cause) ? wanted : freeMoment(database, cronId, wanted);
  const wall = isTimed(cause) ? wallName(rule, dueAt, zone) : undefined;
  if (wall !== undefined && wallTaken(database, cronId, wall, dueAt)) {
    insertSlot(database, { cronId, dueAt, outcome: 'skipped', reason: 'repeated', now });
    return undefined;
  }
  // The clock was set back behind a due time that has its outcome already.
  if (
    !insertSlot(database, {
      cronId,
      dueAt,
      outcome: 'running',
      reason: isTimed(cause) ? '' : cause,
      now,
      wall,
    })
  )
    return undefined;
  const { lastInsertRowid } = statement(
    database,
    `INSERT INTO cron_runs (cron_id, due_at, cause, attempt, state, token, owner, started_at)
       VALUES (?, ?, ?, ?, 'claimed', ?, ?, ?)`,
  ).run(cronId, dueAt, cause, attempt, token, owner, sqlTime(now));
  statement(database, 'UPDATE schedule_slots SET run_id = ? WHERE cron_id = ? AND due_at = ?').run(
    lastInsertRowid,
    cronId,
    dueAt,
  );
  return readRun(database, Number(lastInsertRowid));
}

function isTimed(cause: RunCause): boolean {
  return cause === 'due' || cause === 'catchup';
}

/** Starts that have no due time are named after the moment; the clock may have shown it before. */
function freeMoment(database: DatabaseSync, cronId: string, from: number): number {
  const taken = statement(database, 'SELECT 1 FROM schedule_slots WHERE cron_id = ? AND due_at = ?');
  let moment = from;
  while (taken.get(cronId, moment) !== undefined) moment += 1;
  return moment;
}

function wallTaken(database: DatabaseSync, cronId: string, wall: string, dueAt: number): boolean {
  const row = statement(database, 'SELECT due_at FROM schedule_slots WHERE cron_id = ? AND wall = ?').get(
    cronId,
    wall,
  );
  return row !== undefined && Number(row.due_at) !== dueAt;
}

/** False when the due time has an outcome already. */
export function insertSlot(
  database: DatabaseSync,
  slot: {
    readonly cronId: string;
    readonly dueAt: number;
    readonly outcome: string;
    readonly reason: string;
    readonly now: number;
    readonly wall?: string | undefined;
  },
): boolean {
  const { changes } = statement(
    database,
    `INSERT INTO schedule_slots (cron_id, due_at, wall, outcome, reason, recorded_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (cron_id, due_at) DO NOTHING`,
  ).run(slot.cronId, slot.dueAt, slot.wall ?? null, slot.outcome, slot.reason, slot.now);
  return changes === 1;
}

/** What became of a due time that was run. */
export function setOutcome(database: DatabaseSync, run: Run, outcome: string, reason: string): void {
  statement(
    database,
    'UPDATE schedule_slots SET outcome = ?, reason = ? WHERE cron_id = ? AND due_at = ?',
  ).run(outcome, reason, run.cronId, run.dueAt);
}
