import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { openHomeDatabase } from '../home/database.ts';
import { initialiseHome } from '../home/layout.ts';
import { AUTOMATION_CHECKS } from './checks.ts';
import { withSchedules } from './schedules/open.ts';
import { reconcile } from './schedules/reconcile.ts';
import { writeSetting } from './schedules/store.ts';

let context: ReturnType<typeof doctorWorld>;
const check = (id: string, fix = false) => runCheck(AUTOMATION_CHECKS, id, context, fix);

beforeEach(async () => {
  context = doctorWorld(join(newFolder('home-'), '.nexo'));
  initialiseHome(context.paths);
  (await openHomeDatabase(context.paths)).close();
});

function write(name: string, ...keys: string[]): string {
  const path = join(context.paths.scripts, `ps-${name}.sh`);
  const lines = [`name=${name}`, 'runtime=shell', ...keys].map((key) => `# nexo: ${key}`);
  writeFileSync(path, ['#!/bin/sh', ...lines, 'echo hello', ''].join('\n'), { mode: 0o755 });
  return path;
}

const scheduled = (name: string, when: string) =>
  write(name, `cron_id=${name}`, 'schedule_required=true', when);

async function bringInLine(): Promise<void> {
  const { paths, userHome, env } = context;
  await withSchedules({ home: paths, userHome, env }, {}, reconcile);
}

describe('runtime.personal_scripts', () => {
  const id = 'runtime.personal_scripts';

  it('is healthy without scripts, and with one that is as it declares', async () => {
    expect(await check(id)).toMatchObject({ status: 'healthy' });
    scheduled('report', 'schedule=09:00');
    await bringInLine();
    const report = await check(id);
    expect(report).toMatchObject({ status: 'healthy', evidence: [] });
    expect(report.summary).toContain('1 script, 1 schedule, 1 managed by builtin');
  });

  it('misses a schedule that is declared, and installs it', async () => {
    scheduled('report', 'schedule=09:00');
    expect(await check(id)).toMatchObject({
      status: 'degraded',
      issues: [{ subject: 'report', severity: 'warn', message: expect.stringContaining('09:00 daily') }],
    });
    expect(await check(id, true)).toMatchObject({
      status: 'healthy',
      fixed: true,
      changes: ['scheduled report: 09:00 daily'],
    });
    expect(await check(id, true)).toMatchObject({ fixed: false, changes: [] });
  });

  it('finds drift, and only that of the script that is asked for', async () => {
    const path = scheduled('report', 'schedule=09:00');
    scheduled('other', 'interval_seconds=3600');
    await bringInLine();
    writeFileSync(path, readFileSync(path, 'utf8').replace('09:00', '10:00'));
    expect(await check(id)).toMatchObject({
      status: 'critical',
      issues: [{ subject: 'report', severity: 'error' }],
    });
    context = { ...context, script: 'other' };
    expect(await check(id)).toMatchObject({ status: 'healthy', summary: 'other: no orphan, no drift.' });
    context = { ...context, script: 'nobody' };
    expect(await check(id)).toMatchObject({ status: 'degraded', repair_plan: ['nexo scripts list'] });
    context = { ...context, script: 'report' };
    expect(await check(id)).toMatchObject({ status: 'critical' });
    expect(await check(id, true)).toMatchObject({ status: 'healthy', fixed: true });
  });

  it('names an orphan, and does not remove it unasked', async () => {
    rmSync(scheduled('report', 'schedule=09:00'));
    scheduled('gone', 'schedule=09:00');
    await bringInLine();
    rmSync(join(context.paths.scripts, 'ps-gone.sh'));
    const found = await check(id, true);
    expect(found).toMatchObject({ status: 'critical', fixed: false });
    expect(found.issues).toContainEqual(expect.objectContaining({ subject: 'gone', severity: 'error' }));
    expect(found.repair_plan.join()).toContain('--prune-orphans');
    const database = await openHomeDatabase(context.paths);
    expect(database.prepare('SELECT cron_id FROM schedules').all()).toEqual([{ cron_id: 'gone' }]);
    database.close();
  });

  it('tells what is wrong with a declaration', async () => {
    scheduled('monthly', 'schedule=monthly:1');
    const report = await check(id, true);
    expect(report).toMatchObject({ status: 'critical', fixed: false, changes: [] });
    expect(report.evidence.join()).toContain('monthly:1');
  });

  it('says that it cannot look while the database is damaged, and leaves it alone', async () => {
    writeFileSync(context.paths.database, 'this is no database, and it is long enough to be taken for one');
    for (const each of AUTOMATION_CHECKS.filter(({ tier }) => tier === 'runtime')) {
      expect(await check(each.id, true), each.id).toMatchObject({ status: 'degraded', changes: [] });
    }
    expect(readFileSync(context.paths.database, 'utf8')).toContain('no database');
  });

  it('writes nothing while it looks', async () => {
    rmSync(context.paths.database);
    scheduled('report', 'schedule=09:00');
    await check(id);
    expect(() => readFileSync(context.paths.database)).toThrow('ENOENT');
  });
});

describe('runtime.cron_freshness', () => {
  const id = 'runtime.cron_freshness';

  it('is healthy for what has just begun, and tells of what failed or fell silent', async () => {
    expect(await check(id)).toMatchObject({ status: 'healthy', category: 'operator_history' });
    scheduled('report', 'schedule=09:00');
    await bringInLine();
    expect(await check(id)).toMatchObject({ status: 'healthy' });
    const now = context.clock.now();
    const database = await openHomeDatabase(context.paths);
    const at = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
    database
      .prepare(
        `INSERT INTO cron_runs (cron_id, due_at, cause, attempt, state, token, owner, started_at, ended_at, exit_code, summary)
         VALUES ('report', ?, 'due', 1, 'ended', 't', 'o', ?, ?, 3, 'no network')`,
      )
      .run(now, at, at);
    database.close();
    expect(await check(id)).toMatchObject({
      status: 'degraded',
      evidence: ['report: its last run ended with 3: no network'],
    });
    context = { ...context, clock: { now: () => now + 3 * 86_400_000 } };
    expect((await check(id)).evidence[0]).toContain('it last ran');
  });
});

describe('deep.next_runs', () => {
  it('finds a schedule that the daemon has passed over', async () => {
    scheduled('report', 'schedule=09:00');
    await bringInLine();
    expect(await check('deep.next_runs')).toMatchObject({ status: 'healthy' });
    const later = context.clock.now() + 2 * 86_400_000;
    context = { ...context, clock: { now: () => later } };
    // Nobody was there to see to it: that is the business of another check.
    expect(await check('deep.next_runs')).toMatchObject({ status: 'healthy' });
    context = { ...context, daemonLives: () => true };
    expect(await check('deep.next_runs')).toMatchObject({ status: 'critical' });
  });

  it('finds one that does not know its time', async () => {
    scheduled('report', 'schedule=09:00');
    await bringInLine();
    const database = await openHomeDatabase(context.paths);
    database.exec('UPDATE schedules SET next_due_at = NULL');
    database.close();
    expect(await check('deep.next_runs')).toMatchObject({ status: 'degraded' });
  });
});

describe('runtime.job_path', () => {
  /** As it was captured some time ago. */
  async function capture(path: string): Promise<void> {
    const database = await openHomeDatabase(context.paths);
    writeSetting(database, 'path', path);
    database.close();
  }

  it('shows the PATH of the runs, and misses one that is all gone', async () => {
    context = { ...context, env: { ...context.env, PATH: '/usr/bin:/bin' } };
    const { status, summary } = await check('runtime.job_path');
    expect(status).toBe('healthy');
    expect(summary).toContain('/usr/bin:/bin');
    await capture('/gone/bin:/gone/sbin');
    expect(await check('runtime.job_path')).toMatchObject({
      status: 'degraded',
      evidence: ['/gone/bin', '/gone/sbin'],
      repair_plan: [expect.stringContaining('--refresh-path')],
    });
  });

  it('misses what an older version captured from npm, until it is captured anew', async () => {
    await capture('/srv/app/node_modules/.bin:/usr/bin:/bin');
    expect(await check('runtime.job_path')).toMatchObject({
      status: 'degraded',
      evidence: ['/srv/app/node_modules/.bin'],
    });
    const { paths, userHome } = context;
    await withSchedules({ home: paths, userHome, env: { PATH: '/usr/bin:/bin' } }, {}, (options) =>
      reconcile({ ...options, refreshPath: true }),
    );
    expect(await check('runtime.job_path')).toMatchObject({ status: 'healthy' });
  });
});

describe('deep.scripts', () => {
  it('passes on what the doctor of scripts says', async () => {
    write('fine');
    expect(await check('deep.scripts')).toMatchObject({ status: 'healthy' });
    write('bad', 'timeout=soon');
    expect(await check('deep.scripts')).toMatchObject({ status: 'critical', issues: [{ subject: 'bad' }] });
    mkdirSync(context.paths.scripts, { recursive: true });
    context = { ...context, script: 'fine' };
    expect(await check('deep.scripts')).toMatchObject({ status: 'healthy' });
    context = { ...context, script: 'nobody' };
    expect(await check('deep.scripts')).toMatchObject({ status: 'degraded' });
  });
});
