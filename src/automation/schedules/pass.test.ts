import { describe, expect, it } from 'vitest';

import { memoryDatabase, scheduleSpec, simulate } from '../../../test/support/schedule-simulation.ts';
import type { Moment } from './ledger.ts';
import { nextDueOf, runPass } from './pass.ts';
import { putSchedule, readSchedule } from './store.ts';
import { zoneOf } from './zone.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const MINUTE = 60_000;

const moment = (now: number, more: Partial<Moment> = {}): Moment => ({
  now,
  zone: zoneOf('UTC'),
  cause: 'tick',
  boot: 'boot',
  owner: '1@us',
  isAlive: () => true,
  ...more,
});

/** Schedules that are due once a day, spread over the minutes of it. */
function many(count: number) {
  const database = memoryDatabase();
  database.exec('BEGIN');
  for (let index = 0; index < count; index += 1) {
    const timing = {
      kind: 'calendar',
      hour: Math.floor(index / 60) % 24,
      minute: index % 60,
      weekday: null,
    } as const;
    const due = Date.UTC(2026, 10, 22, timing.hour, timing.minute);
    putSchedule(database, scheduleSpec(`s${index}`, timing), { now: NOW, boot: 'boot', nextDueAt: due });
  }
  database.exec('COMMIT');
  runPass(database, moment(NOW, { cause: 'start' }));
  return database;
}

describe('a pass', () => {
  it('looks at what is due and at nothing else, however much there is', () => {
    for (const count of [1440, 10_080]) {
      const database = many(count);
      expect(runPass(database, moment(NOW + 30_000)).settled).toBe(0);
      const due = nextDueOf(database) ?? 0;
      const pass = runPass(database, moment(due));
      expect(pass.settled).toBe(count / 1440);
      expect(pass.runs).toHaveLength(count / 1440);
      database.close();
    }
  });

  it('finds the next due time through an index', () => {
    const database = memoryDatabase();
    const plan = (sql: string, ...values: (string | number)[]) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...values)
        .map(({ detail }) => String(detail))
        .join('; ');
    expect(plan('SELECT min(next_due_at) FROM schedules WHERE backend = ?', 'builtin')).toContain(
      'schedules_next_due',
    );
    expect(plan('SELECT cron_id FROM schedules WHERE backend = ? AND next_due_at <= ?', 'x', 1)).toContain(
      'schedules_next_due',
    );
    expect(plan('SELECT cron_id FROM schedules WHERE backend = ? AND cursor_at > ?', 'x', 1)).toContain(
      'schedules_cursor',
    );
    expect(plan('SELECT * FROM cron_runs WHERE cron_id = ? ORDER BY id DESC LIMIT 1', 'x')).toContain(
      'cron_runs_latest',
    );
    expect(plan('SELECT DISTINCT cron_id FROM cron_runs WHERE ended_at IS NULL')).toContain('cron_runs_open');
  });

  it('leaves schedules of other back ends alone', () => {
    const database = memoryDatabase();
    const spec = scheduleSpec('theirs', { kind: 'interval', seconds: 60 }, { backend: 'systemd' });
    putSchedule(database, spec, { now: NOW, boot: 'boot', nextDueAt: NOW + MINUTE });
    expect(runPass(database, moment(NOW + 5 * MINUTE, { cause: 'start' })).settled).toBe(0);
    expect(nextDueOf(database)).toBeUndefined();
  });

  it('plans calendar times anew when the machine is in another zone, and intervals not', () => {
    const database = memoryDatabase();
    const daily = scheduleSpec('daily', { kind: 'calendar', hour: 9, minute: 0, weekday: null });
    const often = scheduleSpec('often', { kind: 'interval', seconds: 7200 });
    putSchedule(database, daily, { now: NOW, boot: 'boot', nextDueAt: NOW + 60 * MINUTE });
    putSchedule(database, often, { now: NOW, boot: 'boot', nextDueAt: NOW + 120 * MINUTE });
    runPass(database, moment(NOW));
    runPass(database, moment(NOW + 1000, { zone: zoneOf('America/New_York') }));
    const next = (id: string) => new Date(readSchedule(database, id)?.nextDueAt ?? 0).toISOString();
    expect(next('daily')).toBe('2026-11-21T14:00:00.000Z');
    expect(next('often')).toBe('2026-11-21T10:00:00.000Z');
  });

  it('goes on from now when the clock was set back', () => {
    const database = many(1440);
    runPass(database, moment(NOW + 3650 * 24 * 60 * MINUTE));
    const pass = runPass(database, moment(NOW + 30 * MINUTE));
    expect(pass.runs).toEqual([]);
    expect(new Date(nextDueOf(database) ?? 0).toISOString()).toBe('2026-11-21T08:31:00.000Z');
  });
});

describe('two years of schedules', () => {
  it.each(['Europe/Madrid', 'Australia/Lord_Howe'])('in %s fire when they are due, and only then', (zone) => {
    const report = simulate({ schedules: 12, years: 2, zone, seed: 11 });
    expect(report.faults).toEqual([]);
    expect(report.firings).toBeGreaterThan(2000);
    // One schedule is looked at for each firing, and each once more in the first pass.
    expect(report.settled).toBeLessThanOrEqual(report.firings + report.schedules);
  });
});
