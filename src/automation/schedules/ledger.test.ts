import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';

import { scriptsMigration } from '../../home/migrations/001-scripts.ts';
import { schedulesMigration } from '../../home/migrations/002-schedules.ts';
import { abandon, adopt, finish, giveBack, type Moment, recordChild, settle } from './ledger.ts';
import { latestRun } from './runs.ts';
import { putSchedule, readSchedule, type ScheduleSpec } from './store.ts';
import type { Timing } from './timing.ts';
import { zoneOf } from './zone.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-21T08:00:00Z');
let database: DatabaseSync;
let alive: Set<string>;

const SPEC: ScheduleSpec = {
  cronId: 'job',
  name: 'job',
  scriptPath: '/home/ada/job.py',
  description: '',
  source: 'declared',
  backend: 'builtin',
  timing: { kind: 'calendar', hour: 9, minute: 0, weekday: null },
  recoveryPolicy: 'catchup',
  runOnBoot: false,
  runOnWake: true,
  idempotent: true,
  maxCatchupAge: 48 * 3600,
  timeoutSeconds: null,
};

beforeEach(() => {
  database = new DatabaseSync(':memory:');
  scriptsMigration.apply(database);
  schedulesMigration.apply(database);
  alive = new Set(['1@us']);
  return () => database.close();
});

const put = (more: Partial<ScheduleSpec> = {}, now = START) =>
  putSchedule(database, { ...SPEC, ...more }, { now, boot: 'this-boot', nextDueAt: null });
const at = (now: number, more: Partial<Moment> = {}): Moment => ({
  now,
  zone: zoneOf('UTC'),
  cause: 'tick',
  boot: 'this-boot',
  owner: '1@us',
  isAlive: (identity) => alive.has(identity),
  ...more,
});
const due = (text: string) => Date.parse(`2026-${text}Z`);
const OK = {
  exitCode: 0,
  signal: null,
  timedOut: false,
  stopped: false,
  summary: 'done',
  error: '',
  durationMs: 1000,
};
const run = (now: number, more: Partial<Moment> = {}) => settle(database, 'job', at(now, more)).run;
function runToEnd(now: number, end: Partial<typeof OK> = {}, more: Partial<Moment> = {}): string {
  const claimed = run(now, more);
  if (claimed === undefined) return 'nothing';
  adopt(database, claimed, { owner: '1@us', now });
  finish(database, claimed.id, { ...OK, ...end, endedAt: now + 1000 });
  return claimed.cause;
}
const ledger = () => [
  ...database
    .prepare('SELECT due_at, outcome, reason FROM schedule_slots ORDER BY due_at')
    .all()
    .map((row) => `${iso(Number(row.due_at))} ${row.outcome} ${row.reason}`.trim()),
  ...database
    .prepare('SELECT * FROM schedule_gaps ORDER BY id')
    .all()
    .map(
      (row) =>
        `${row.count} from ${iso(Number(row.from_due_at))} to ${iso(Number(row.to_due_at))} ${row.reason}`,
    ),
];
const iso = (ms: number) => new Date(ms).toISOString().slice(5, 16);

describe('a due time', () => {
  it('is not due before, runs once when it comes, and never again', () => {
    put();
    expect(run(due('11-21T08:59:59.999'))).toBeUndefined();
    expect(runToEnd(due('11-21T09:00'))).toBe('due');
    expect(run(due('11-21T09:00:30'))).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 ran']);
    expect(latestRun(database, 'job')).toMatchObject({
      exitCode: 0,
      summary: 'done',
      startedAt: '2026-11-21 09:00:00',
    });
  });

  it('is missed by nothing that was registered after it', () => {
    put({}, due('11-21T10:00'));
    expect(run(due('11-21T10:00:01'), { cause: 'start' })).toBeUndefined();
    expect(ledger()).toEqual([]);
  });

  it('of several that were missed is made up for alone when it is the newest', () => {
    put();
    expect(runToEnd(due('11-24T07:00'), {}, { cause: 'start' })).toBe('catchup');
    expect(ledger()).toEqual(['11-23T09:00 caught_up', '2 from 11-21T09:00 to 11-22T09:00 superseded']);
  });

  it.each([
    ['its policy makes up for nothing', { recoveryPolicy: 'none' as const }, 'policy'],
    ['its policy is for the other kind', { recoveryPolicy: 'run_once_on_wake' as const }, 'policy'],
    ['it is not idempotent', { idempotent: false }, 'not_idempotent'],
    ['it is too old', { maxCatchupAge: 3600 }, 'too_old'],
  ])('is skipped, and says so, when %s', (_name, more, reason) => {
    put(more);
    expect(run(due('11-21T12:00'), { cause: 'start' })).toBeUndefined();
    expect(ledger()).toEqual([`11-21T09:00 skipped ${reason}`]);
  });

  it('is made up for after sleep only with run_on_wake', () => {
    put({ runOnWake: false });
    expect(run(due('11-21T12:00'), { cause: 'wake' })).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 skipped not_on_wake']);
    expect(runToEnd(due('11-22T12:00'), {}, { cause: 'start' })).toBe('catchup');
  });

  it('is overlapped by a run that goes on', () => {
    put({ timing: { kind: 'interval', seconds: 3600 } });
    const first = run(START + HOUR);
    expect(first).toBeDefined();
    expect(run(START + 2 * HOUR)).toBeUndefined();
    adopt(database, first ?? { id: 0, token: '' }, { owner: '1@us', now: START });
    expect(run(START + 3 * HOUR)).toBeUndefined();
    expect(ledger()).toEqual([
      '11-21T09:00 running',
      '11-21T10:00 skipped overlap',
      '11-21T11:00 skipped overlap',
    ]);
  });

  it('that fails is a failure, and comes again only the next time', () => {
    put();
    runToEnd(due('11-21T09:00'), { exitCode: 3, error: 'boom' });
    expect(run(due('11-21T09:05'))).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 failed']);
  });

  it('is recorded as skipped while its script is disabled', () => {
    database.exec(
      `INSERT INTO personal_scripts (id, name, path, description, runtime, metadata_json, created_by, source, origin,
         enabled, has_inline_metadata, last_synced_at, created_at, updated_at)
       VALUES ('job', 'job', '/home/ada/job.py', '', 'python', '{}', '', '', '', 0, 1, '', '', '')`,
    );
    put();
    expect(run(due('11-21T09:00'))).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 skipped disabled']);
  });
});

describe('a claim', () => {
  it('has one winner, and is worth nothing to whoever comes late', () => {
    put();
    const claimed = run(due('11-21T09:00'));
    expect(claimed).toBeDefined();
    if (claimed === undefined) return;
    expect(adopt(database, { id: claimed.id, token: 'another' }, { owner: '2@x', now: START })).toBe(false);
    expect(adopt(database, claimed, { owner: '1@us', now: START })).toBe(true);
    expect(adopt(database, claimed, { owner: '2@x', now: START })).toBe(false);
    expect(giveBack(database, claimed)).toBe(false);
  });

  it('that was given back is decided about anew', () => {
    put();
    const claimed = run(due('11-21T09:00'));
    expect(claimed && giveBack(database, claimed)).toBe(true);
    expect(ledger()).toEqual([]);
    expect(runToEnd(due('11-21T09:00:10'))).toBe('due');
  });

  it('that nobody could start is a failure and not tried again at once', () => {
    put();
    const claimed = run(due('11-21T09:00'));
    expect(claimed && abandon(database, claimed, due('11-21T09:00'))).toBe(true);
    expect(run(due('11-21T09:00:20'))).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 failed']);
  });

  it('of a process that died before it started anything is anybody’s', () => {
    put();
    const lost = run(due('11-21T09:00'), { owner: '7@dead' });
    expect(runToEnd(due('11-21T09:00:20'))).toBe('due');
    expect(lost && adopt(database, lost, { owner: '7@dead', now: START })).toBe(false);
    expect(ledger()).toEqual(['11-21T09:00 ran']);
  });
});

describe('a run whose process dies', () => {
  const crash = (more: Partial<ScheduleSpec> = {}) => {
    put(more);
    const claimed = run(due('11-21T09:00'), { owner: '7@dead' });
    if (claimed) adopt(database, claimed, { owner: '7@dead', now: due('11-21T09:00') });
    return claimed;
  };

  it('is repeated once when its script is idempotent', () => {
    const first = crash();
    const again = run(due('11-21T09:10'), { owner: '8@dead' });
    expect(again).toMatchObject({ id: first?.id, cause: 'retry', attempt: 2 });
    if (again) adopt(database, again, { owner: '8@dead', now: START });
    expect(run(due('11-21T09:20'))).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 interrupted stopped']);
  });

  it('is not repeated when its script is not idempotent', () => {
    crash({ idempotent: false });
    expect(run(due('11-21T09:10'))).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 interrupted stopped']);
    expect(latestRun(database, 'job')).toMatchObject({
      exitCode: 137,
      error: 'interrupted: the process that ran it is gone',
    });
  });

  it('is not repeated when a newer time has come', () => {
    crash();
    expect(runToEnd(due('11-22T09:00'))).toBe('due');
    expect(ledger()).toEqual(['11-21T09:00 interrupted stopped', '11-22T09:00 ran']);
    expect(readSchedule(database, 'job')?.retryDueAt).toBeNull();
  });

  it('holds everything up while its script lives on', () => {
    const claimed = crash();
    recordChild(database, claimed?.id ?? 0, '9@script');
    alive.add('9@script');
    expect(settle(database, 'job', at(due('11-21T09:10')))).toMatchObject({
      run: undefined,
      orphan: '9@script',
    });
    alive.delete('9@script');
    expect(runToEnd(due('11-21T09:11'))).toBe('retry');
    expect(ledger()).toEqual(['11-21T09:00 ran retry']);
  });
});

describe('a clock that is set', () => {
  it('back repeats nothing and stops nothing', () => {
    put({ timing: { kind: 'interval', seconds: 3600 } });
    for (const hour of [1, 2, 3]) expect(runToEnd(START + hour * HOUR)).toBe('due');
    for (const hour of [1.5, 2, 3, 3.5]) expect(run(START + hour * HOUR)).toBeUndefined();
    expect(runToEnd(START + 4 * HOUR)).toBe('due');
    expect(ledger().length).toBe(4);
  });

  it('years ahead and back again leaves the times between for when they come', () => {
    put();
    expect(runToEnd(due('11-21T09:00') + 3650 * 24 * HOUR)).toBe('due');
    expect(ledger().at(-1)).toMatch(/^3650 from/);
    expect(run(due('11-21T10:00'))).toBeUndefined();
    expect(runToEnd(due('11-22T09:00'))).toBe('due');
    expect(runToEnd(due('11-23T09:00'))).toBe('due');
    // The journey began before the first time was due, so that one is left to the gap.
    expect(ledger().at(-1)).toBe('1 from 11-21T09:00 to 11-21T09:00 superseded');
  });
});

describe('a journey', () => {
  it('west does not run the same time of one day twice', () => {
    put();
    expect(runToEnd(due('11-21T09:00'))).toBe('due');
    expect(run(due('11-21T14:00'), { zone: zoneOf('America/New_York') })).toBeUndefined();
    expect(ledger()).toEqual(['11-21T09:00 ran', '11-21T14:00 skipped repeated']);
    expect(runToEnd(due('11-22T14:00'), {}, { zone: zoneOf('America/New_York') })).toBe('due');
  });
});

describe('run_on_boot', () => {
  it('runs once after each boot and not when the schedule is new', () => {
    put({ runOnBoot: true });
    expect(run(START + 1000, { cause: 'start' })).toBeUndefined();
    expect(runToEnd(START + 2000, {}, { cause: 'start', boot: 'next' })).toBe('boot');
    expect(run(START + 5000, { cause: 'start', boot: 'next' })).toBeUndefined();
    expect(ledger()).toEqual(['11-21T08:00 ran boot']);
  });

  it('is content with a time that is made up for at boot', () => {
    put({ runOnBoot: true });
    expect(runToEnd(due('11-21T12:00'), {}, { cause: 'start', boot: 'next' })).toBe('catchup');
    expect(run(due('11-21T12:10'), { cause: 'start', boot: 'next' })).toBeUndefined();
  });
});

describe('a daemon', () => {
  const daemon: Timing = { kind: 'keep_alive' };
  it('starts at once, then again after longer and longer pauses', () => {
    put({ timing: daemon, recoveryPolicy: 'restart_daemon' });
    const pauses: number[] = [];
    let now = START;
    for (let round = 0; round < 7; round += 1) {
      expect(runToEnd(now, { exitCode: 1 })).toBe('keep_alive');
      const next = readSchedule(database, 'job')?.nextDueAt ?? 0;
      pauses.push((next - now - 1000) / 1000);
      expect(run(next - 1)).toBeUndefined();
      now = next;
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it('starts after a short pause again when it had run for a while', () => {
    put({ timing: daemon });
    for (let round = 0; round < 4; round += 1) runToEnd(START + round * HOUR, { exitCode: 1 });
    runToEnd(START + 5 * HOUR, { exitCode: 1, durationMs: 120_000 });
    expect((readSchedule(database, 'job')?.nextDueAt ?? 0) - START - 5 * HOUR).toBe(11_000);
  });

  it('never runs twice at once', () => {
    put({ timing: daemon });
    expect(run(START)).toBeDefined();
    expect(run(START + HOUR)).toBeUndefined();
  });
});
