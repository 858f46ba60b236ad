import type { DatabaseSync } from 'node:sqlite';

import { numberOf, statement, text } from '../../home/sql.ts';
import type { BackendName } from './store.ts';

export interface SchedulesOverview {
  /** Soonest first. */
  readonly next: readonly { readonly cronId: string; readonly dueAt: number }[];
  /** Runs that have not ended, oldest first. */
  readonly running: readonly { readonly cronId: string; readonly startedAt: string }[];
  readonly schedules: number;
}

/** What is due soonest and what runs, of the schedules of one back end. Costs as much as it answers with. */
export function readOverview(
  database: DatabaseSync,
  { backend = 'builtin', limit = 10 }: { backend?: BackendName; limit?: number } = {},
): SchedulesOverview {
  const next = statement(
    database,
    'SELECT cron_id, next_due_at FROM schedules WHERE backend = ? AND next_due_at IS NOT NULL ORDER BY next_due_at LIMIT ?',
  ).all(backend, limit);
  const running = statement(
    database,
    'SELECT r.cron_id, r.started_at FROM cron_runs r JOIN schedules s ON s.cron_id = r.cron_id ' +
      'WHERE r.ended_at IS NULL AND s.backend = ? ORDER BY r.id LIMIT ?',
  ).all(backend, limit);
  const count = statement(database, 'SELECT count(*) AS n FROM schedules WHERE backend = ?').get(backend);
  return {
    next: next.map((row) => ({ cronId: text(row, 'cron_id'), dueAt: numberOf(row, 'next_due_at') })),
    // Kept as `YYYY-MM-DD HH:MM:SS` in UTC.
    running: running.map((row) => ({
      cronId: text(row, 'cron_id'),
      startedAt: `${text(row, 'started_at').replace(' ', 'T')}Z`,
    })),
    schedules: count === undefined ? 0 : numberOf(count, 'n'),
  };
}
