import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';

import { memoryDatabase, scheduleSpec } from '../../../test/support/schedule-simulation.ts';
import { type HomePaths, resolveHomePaths } from '../../home/paths.ts';
import { executeRun, importSpool, type RunJob } from './execute.ts';
import { settle } from './ledger.ts';
import { latestRun, type Run } from './runs.ts';
import { putSchedule } from './store.ts';
import { zoneOf } from './zone.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
let home: HomePaths;
let database: DatabaseSync;
let run: Run;

beforeEach(() => {
  home = resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'execute-')) });
  database = memoryDatabase();
  claim();
});

function claim(more: Parameters<typeof scheduleSpec>[2] = {}): void {
  const now = NOW + 60_000;
  const spec = scheduleSpec('job', { kind: 'interval', seconds: 60 }, more);
  database.exec('DELETE FROM schedules; DELETE FROM schedule_slots; DELETE FROM cron_runs');
  putSchedule(database, spec, { now: NOW, boot: 'boot', nextDueAt: null });
  const moment = {
    now,
    zone: zoneOf('UTC'),
    cause: 'tick',
    boot: 'boot',
    owner: '1@us',
    isAlive: () => true,
  } as const;
  const claimed = settle(database, 'job', moment).run;
  if (claimed === undefined) throw new Error('nothing was due');
  run = claimed;
}

const OK = {
  exitCode: 0,
  signal: null,
  timedOut: false,
  aborted: false,
  durationMs: 1234,
  summary: 'done',
  error: '',
};
const execute = (runJob: RunJob, signal = new AbortController().signal) =>
  executeRun(run, { home, database, clock: { now: () => NOW + 61_000 }, signal, runJob });

describe('the run of one due time', () => {
  it('is there, open, while it goes on, and closed once afterwards', async () => {
    await execute(async ({ onStart }) => {
      onStart(process.pid);
      expect(latestRun(database, 'job')).toMatchObject({
        state: 'running',
        endedAt: null,
        child: expect.stringContaining(`${process.pid}@`),
      });
      return OK;
    });
    expect(latestRun(database, 'job')).toMatchObject({
      state: 'ended',
      exitCode: 0,
      summary: 'done',
      durationSecs: 1.2,
      child: null,
    });
    expect(database.prepare('SELECT count(*) AS n FROM cron_runs').get()?.n).toBe(1);
  });

  it('is not started when somebody else has taken it', async () => {
    database.exec(`UPDATE cron_runs SET token = 'theirs'`);
    const ran = await execute(async () => {
      throw new Error('must not run');
    });
    expect(ran).toBeUndefined();
  });

  it('has a time limit: its own, twelve hours without one, and none for daemons', async () => {
    const limits: (number | undefined)[] = [];
    const note: RunJob = async ({ timeoutMs }) => {
      limits.push(timeoutMs);
      return OK;
    };
    await execute(note);
    claim({ timeoutSeconds: 5 });
    await execute(note);
    expect(limits).toEqual([43_200_000, 5000]);
  });

  it('that could not even begin is a failure with the reason', async () => {
    const ran = await execute(async () => {
      throw new Error('no interpreter');
    });
    expect(ran).toMatchObject({ exitCode: 1 });
    expect(latestRun(database, 'job')).toMatchObject({
      state: 'ended',
      exitCode: 1,
      error: 'no interpreter',
    });
  });

  it('that was stopped is interrupted, with the signal', async () => {
    const stop = new AbortController();
    stop.abort('SIGINT');
    await execute(async () => ({ ...OK, exitCode: 143, aborted: true }), stop.signal);
    expect(latestRun(database, 'job')).toMatchObject({
      exitCode: 130,
      signal: 'SIGINT',
      error: 'stopped by SIGINT',
    });
    expect(database.prepare('SELECT outcome FROM schedule_slots').get()?.outcome).toBe('interrupted');
  });

  it('keeps its exit code and its record when the database cannot take it', async () => {
    database.exec(
      `CREATE TRIGGER full BEFORE UPDATE OF ended_at ON cron_runs BEGIN SELECT raise(ABORT, 'disk full'); END`,
    );
    expect(await execute(async () => ({ ...OK, summary: 'all is well' }))).toMatchObject({ exitCode: 0 });
    const folder = join(home.state, 'cron-spool');
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^job-20261121-080101-\d+\.json$/)]);
    writeFileSync(join(folder, 'half.json'), '{"run": 1, "e');
    database.exec('DROP TRIGGER full');
    expect(importSpool(home, database)).toBe(1);
    expect(latestRun(database, 'job')).toMatchObject({ state: 'ended', exitCode: 0, summary: 'all is well' });
    expect(readdirSync(folder)).toEqual(['half.json']);
    expect(importSpool(home, database)).toBe(0);
  });

  it('has nothing to take up where nothing was spooled', () => {
    expect(importSpool(home, database)).toBe(0);
    expect(existsSync(home.state)).toBe(false);
  });
});
