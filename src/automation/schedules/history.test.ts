import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';

import { MIGRATIONS } from '../../home/migrations/index.ts';
import { scheduleStatus } from './history.ts';

const NOW = Date.parse('2026-03-01T08:00:00Z');

it('tells a schedule that did not run from one that there is not, also when it ran long ago', () => {
  const database = new DatabaseSync(':memory:');
  for (const migration of MIGRATIONS) migration.apply(database);
  const ask = (cronId?: string) => scheduleStatus(database, { hours: 24, cronId, now: NOW });
  expect(ask()).toEqual({ hours: 24, schedules: [], runs: [] });
  expect(() => ask('typo')).toThrow(expect.objectContaining({ code: 'SCHEDULE_NOT_FOUND' }));
  database.exec(
    `INSERT INTO cron_runs (cron_id, due_at, cause, attempt, state, token, owner, started_at)
     VALUES ('old', 0, 'due', 1, 'ended', '', '', '2020-01-01 00:00:00')`,
  );
  expect(ask('old')).toEqual({ hours: 24, schedules: [], runs: [] });
  database.close();
});
