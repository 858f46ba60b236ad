import type { DatabaseSync } from 'node:sqlite';

import { numberOf, numberOrNull, type Row, statement, text, textOrNull } from '../../home/sql.ts';
import type { RunCause } from './tick.ts';

/** One row of `cron_runs`: what became of one due time that was run. */
export interface Run {
  readonly id: number;
  readonly cronId: string;
  readonly dueAt: number;
  readonly cause: RunCause;
  readonly attempt: number;
  readonly state: 'claimed' | 'running' | 'ended';
  readonly token: string;
  readonly owner: string;
  readonly child: string | null;
  /** `YYYY-MM-DD HH:MM:SS` in UTC. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly summary: string;
  readonly error: string;
  readonly durationSecs: number | null;
}

export function readRun(database: DatabaseSync, id: number): Run | undefined {
  const row = statement(database, 'SELECT * FROM cron_runs WHERE id = ?').get(id);
  return row && toRun(row);
}

/** The run that has not ended yet; there is never more than one. */
export function readOpenRun(database: DatabaseSync, cronId: string): Run | undefined {
  const row = statement(database, 'SELECT * FROM cron_runs WHERE cron_id = ? AND ended_at IS NULL').get(
    cronId,
  );
  return row && toRun(row);
}

/** Ids of the schedules that have an open run. Costs as much as there are such runs. */
export function schedulesWithOpenRuns(database: DatabaseSync): string[] {
  return statement(database, 'SELECT DISTINCT cron_id FROM cron_runs WHERE ended_at IS NULL')
    .all()
    .map((row) => text(row, 'cron_id'));
}

/** The newest run of a schedule, found through an index however many there are. */
export function latestRun(database: DatabaseSync, cronId: string): Run | undefined {
  const row = statement(database, 'SELECT * FROM cron_runs WHERE cron_id = ? ORDER BY id DESC LIMIT 1').get(
    cronId,
  );
  return row && toRun(row);
}

/** Runs since a moment, oldest first. */
export function runsSince(database: DatabaseSync, since: string, cronId?: string | undefined): Run[] {
  const rows =
    cronId === undefined
      ? statement(database, 'SELECT * FROM cron_runs WHERE started_at >= ? ORDER BY id').all(since)
      : statement(database, 'SELECT * FROM cron_runs WHERE cron_id = ? AND started_at >= ? ORDER BY id').all(
          cronId,
          since,
        );
  return rows.map(toRun);
}

function toRun(row: Row): Run {
  return {
    id: numberOf(row, 'id'),
    cronId: text(row, 'cron_id'),
    dueAt: numberOf(row, 'due_at'),
    // Written by us alone, and checked by the database.
    cause: text(row, 'cause') as RunCause,
    attempt: numberOf(row, 'attempt'),
    state: text(row, 'state') as Run['state'],
    token: text(row, 'token'),
    owner: text(row, 'owner'),
    child: textOrNull(row, 'child'),
    startedAt: text(row, 'started_at'),
    endedAt: textOrNull(row, 'ended_at'),
    exitCode: numberOrNull(row, 'exit_code'),
    signal: textOrNull(row, 'signal'),
    timedOut: row.timed_out === 1,
    summary: text(row, 'summary'),
    error: text(row, 'error'),
    durationSecs: numberOrNull(row, 'duration_secs'),
  };
}
