import type { DatabaseSync } from 'node:sqlite';

import { isSet, numberOf, numberOrNull, type Row, statement, text } from '../../home/sql.ts';
import type { DueRule } from './calendar.ts';
import type { RecoveryPolicy } from './declaration.ts';
import { readCalendar, type Timing, timingLabel, timingValue } from './timing.ts';

export type BackendName = 'systemd' | 'launchd' | 'builtin';

/** What a schedule is, wherever it comes from. */
export interface ScheduleSpec {
  readonly cronId: string;
  /** Name of the script. */
  readonly name: string;
  readonly scriptPath: string;
  readonly description: string;
  /** `declared` in the script's metadata, or `added` by hand. */
  readonly source: 'declared' | 'added';
  readonly backend: BackendName;
  readonly timing: Timing;
  readonly recoveryPolicy: RecoveryPolicy;
  readonly runOnBoot: boolean;
  readonly runOnWake: boolean;
  readonly idempotent: boolean;
  /** Seconds. */
  readonly maxCatchupAge: number;
  /** Null for the default. */
  readonly timeoutSeconds: number | null;
}

/** A schedule as it is registered, with where it stands. */
export interface Schedule extends ScheduleSpec {
  readonly rule: DueRule;
  readonly label: string;
  readonly cursorAt: number;
  readonly nextDueAt: number | null;
  readonly retryDueAt: number | null;
  readonly booted: string;
  readonly restarts: number;
  readonly createdAt: number;
}

export function readSchedule(database: DatabaseSync, cronId: string): Schedule | undefined {
  const row = statement(database, 'SELECT * FROM schedules WHERE cron_id = ?').get(cronId);
  return row && toSchedule(row);
}

/** Every schedule, by id. */
export function listSchedules(database: DatabaseSync): Schedule[] {
  return statement(database, 'SELECT * FROM schedules ORDER BY cron_id').all().map(toSchedule);
}

export interface PutOptions {
  readonly now: number;
  readonly boot: string;
  /** When it is due first. */
  readonly nextDueAt: number | null;
}

/**
 * Registers a schedule, or changes it. One that is new, or that is to run at other times than before, begins now: it
 * has missed nothing. A change of anything else leaves it where it stands.
 */
export function putSchedule(
  database: DatabaseSync,
  spec: ScheduleSpec,
  { now, boot, nextDueAt }: PutOptions,
): 'created' | 'changed' | 'unchanged' {
  const before = readSchedule(database, spec.cronId);
  if (before !== undefined && isSameSpec(before, spec)) return 'unchanged';
  const continues =
    before !== undefined &&
    before.scriptPath === spec.scriptPath &&
    before.timing.kind === spec.timing.kind &&
    timingValue(before.timing) === timingValue(spec.timing);
  const values = [
    spec.name,
    spec.scriptPath,
    spec.description,
    spec.source,
    spec.backend,
    spec.timing.kind,
    timingValue(spec.timing),
    spec.recoveryPolicy,
    spec.runOnBoot ? 1 : 0,
    spec.runOnWake ? 1 : 0,
    spec.idempotent ? 1 : 0,
    spec.maxCatchupAge,
    spec.timeoutSeconds,
    now,
  ];
  if (continues) {
    statement(
      database,
      `UPDATE schedules SET name = ?, script_path = ?, description = ?, source = ?, backend = ?, schedule_type = ?,
           schedule_value = ?, recovery_policy = ?, run_on_boot = ?, run_on_wake = ?, idempotent = ?,
           max_catchup_age = ?, timeout_seconds = ?, updated_at = ? WHERE cron_id = ?`,
    ).run(...values, spec.cronId);
    return 'changed';
  }
  statement(
    database,
    `INSERT OR REPLACE INTO schedules (name, script_path, description, source, backend, schedule_type,
         schedule_value, recovery_policy, run_on_boot, run_on_wake, idempotent, max_catchup_age, timeout_seconds,
         updated_at, cron_id, anchor_at, cursor_at, next_due_at, booted, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(...values, spec.cronId, now, now, nextDueAt, boot, before?.createdAt ?? now);
  return before === undefined ? 'created' : 'changed';
}

/** Forgets a schedule; what it ran stays in the ledger. */
export function deleteSchedule(database: DatabaseSync, cronId: string): boolean {
  return statement(database, 'DELETE FROM schedules WHERE cron_id = ?').run(cronId).changes === 1;
}

export function readSetting(database: DatabaseSync, key: string): string | undefined {
  const row = statement(database, 'SELECT value FROM schedule_settings WHERE key = ?').get(key);
  return row && text(row, 'value');
}

export function writeSetting(database: DatabaseSync, key: string, value: string): void {
  statement(
    database,
    'INSERT INTO schedule_settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ).run(key, value);
}

export function isSameSpec(a: ScheduleSpec, b: ScheduleSpec): boolean {
  const comparable = (spec: ScheduleSpec): string =>
    JSON.stringify([
      spec.name,
      spec.scriptPath,
      spec.description,
      spec.source,
      spec.backend,
      spec.timing.kind,
      timingValue(spec.timing),
      spec.recoveryPolicy,
      spec.runOnBoot,
      spec.runOnWake,
      spec.idempotent,
      spec.maxCatchupAge,
      spec.timeoutSeconds,
    ]);
  return comparable(a) === comparable(b);
}

function toSchedule(row: Row): Schedule {
  const timing = toTiming(text(row, 'schedule_type'), text(row, 'schedule_value'));
  return {
    cronId: text(row, 'cron_id'),
    name: text(row, 'name'),
    scriptPath: text(row, 'script_path'),
    description: text(row, 'description'),
    // Written by us alone.
    source: text(row, 'source') as Schedule['source'],
    backend: text(row, 'backend') as BackendName,
    timing,
    label: timingLabel(timing),
    rule: { timing, anchorMs: numberOf(row, 'anchor_at') },
    recoveryPolicy: text(row, 'recovery_policy') as RecoveryPolicy,
    runOnBoot: isSet(row, 'run_on_boot'),
    runOnWake: isSet(row, 'run_on_wake'),
    idempotent: isSet(row, 'idempotent'),
    maxCatchupAge: numberOf(row, 'max_catchup_age'),
    timeoutSeconds: numberOrNull(row, 'timeout_seconds'),
    cursorAt: numberOf(row, 'cursor_at'),
    nextDueAt: numberOrNull(row, 'next_due_at'),
    retryDueAt: numberOrNull(row, 'retry_due_at'),
    booted: text(row, 'booted'),
    restarts: numberOf(row, 'restarts'),
    createdAt: numberOf(row, 'created_at'),
  };
}

function toTiming(type: string, value: string): Timing {
  if (type === 'keep_alive') return { kind: 'keep_alive' };
  if (type === 'interval') return { kind: 'interval', seconds: Number(value) };
  const timing = readCalendar(value, []);
  if (timing === null) throw new Error(`the database holds an impossible time: ${value}`);
  return timing;
}
