import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type FakeScheduler, fakeLaunchctl, fakeSystemctl } from '../../../test/support/os-schedulers.ts';
import { openHomeDatabase } from '../../home/database.ts';
import { initialiseHome } from '../../home/layout.ts';
import { type HomePaths, resolveHomePaths } from '../../home/paths.ts';
import { discoverScripts, findScript } from '../scripts/discover.ts';
import { setEnabled } from '../scripts/registry.ts';
import { auditSchedules } from './audit.ts';
import { openBackends } from './backends/choose.ts';
import { addSchedule, removeSchedule, unscheduleScript } from './manage.ts';
import { withSchedules } from './open.ts';
import { type ReconcileOptions, reconcile } from './reconcile.ts';
import { listSchedules, readSetting } from './store.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');

let base: string;
let home: HomePaths;
let database: DatabaseSync;
let os: FakeScheduler;
let env: NodeJS.ProcessEnv;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'reconcile-'));
  home = resolveHomePaths({ NEXO_HOME: join(base, 'nexo home') });
  initialiseHome(home);
  database = await openHomeDatabase(home);
  os = fakeSystemctl(units());
  mkdirSync(join(base, 'run', 'systemd'), { recursive: true });
  env = {
    PATH: '/opt/tools:relative:/srv/app/node_modules/.bin:/usr/bin:/opt/tools',
    XDG_RUNTIME_DIR: join(base, 'run'),
    NEXO_ALLOW_EPHEMERAL_INSTALL: '1',
  };
});
afterEach(() => database.close());

const units = (): string => join(base, '.config', 'systemd', 'user');
const script = (name: string, lines: string): string => {
  const path = join(home.scripts, `${name}.py`);
  const header = `# nexo: name=${name}\n# nexo: runtime=python\n# nexo: cron_id=${name}\n# nexo: schedule_required=true\n`;
  writeFileSync(path, `#!/usr/bin/env python3\n${header}${lines}\n`);
  return path;
};
async function options(
  more: Partial<ReconcileOptions> & { platform?: NodeJS.Platform; wanted?: 'builtin' } = {},
) {
  const { platform = 'linux', wanted = 'auto', ...rest } = more;
  const world = { home, userHome: base, env, database };
  const account = { uid: 501, homedir: base };
  const run = platform === 'darwin' ? darwin.run : os.run;
  return {
    ...world,
    backends: await openBackends({ ...world, account, platform, run, temporaryFolder: '/nowhere' }, wanted),
    clock: { now: () => NOW },
    program: { node: process.execPath, program: join(base, 'main.js') },
    dryRun: false,
    ...rest,
  };
}
const darwin = fakeLaunchctl();
const run = async (more: Parameters<typeof options>[0] = {}) => reconcile(await options(more));
const ids = (list: readonly { readonly cron_id: string }[]) => list.map(({ cron_id }) => cron_id);
async function audit() {
  const { backends } = await options();
  return auditSchedules({
    database,
    entries: discoverScripts(home).entries,
    backends: backends.all,
    now: NOW,
  });
}

/** Every file below a folder and what is in it. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path}\0${entry.isFile() ? readFileSync(path, 'base64') : ''}\0`);
  }
  return hash.digest('hex');
}

describe('reconcile', () => {
  it('creates what is declared, and does nothing the second time', async () => {
    script('daily', '# nexo: schedule=09:00');
    script('often', '# nexo: interval_seconds=300');
    script('always', '# nexo: recovery_policy=restart_daemon');
    const first = await run();
    expect(first).toMatchObject({ ok: true, backend: 'systemd', drift: true });
    expect(ids(first.ensure_schedules.created)).toEqual(['always', 'daily', 'often']);
    expect(readdirSync(units()).sort()).toEqual([
      'nexo-always.service',
      'nexo-daily.service',
      'nexo-daily.timer',
      'nexo-often.service',
      'nexo-often.timer',
    ]);
    expect(os.loaded).toEqual(new Set(['nexo-always.service', 'nexo-daily.timer', 'nexo-often.timer']));
    const calls = os.calls.length;
    const second = await run();
    expect(second).toMatchObject({ ok: true, drift: false, orphans: [] });
    expect(ids(second.ensure_schedules.already_present)).toEqual(['always', 'daily', 'often']);
    expect(os.calls.slice(calls).filter((call) => !call.includes(' show '))).toEqual([]);
    expect((await audit()).map((row) => [row.cron_id, row.schedule_state, row.health])).toEqual([
      ['always', 'healthy', 'unknown'],
      ['daily', 'healthy', 'unknown'],
      ['often', 'healthy', 'unknown'],
    ]);
  });

  it('writes nothing in a dry run, whatever there is to do', async () => {
    script('daily', '# nexo: schedule=09:00');
    const world = { home, userHome: base, env: { ...env, NEXO_ALLOW_EPHEMERAL_INSTALL: undefined } };
    const dry = () => withSchedules(world, { readOnly: true }, reconcile);
    database.close();
    rmSync(home.state, { recursive: true });
    for (const prepare of [
      async () => {},
      async () => void (await withSchedules(world, {}, reconcile)),
      async () => void script('daily', '# nexo: schedule=10:00'),
      async () => void rmSync(join(home.scripts, 'daily.py')),
    ]) {
      await prepare();
      const before = fingerprint(base);
      const report = await dry();
      expect(report.dry_run).toBe(true);
      expect(fingerprint(base)).toBe(before);
    }
    database = await openHomeDatabase(home);
  });

  it('repairs what differs: another time, a changed unit, another back end, another name', async () => {
    script('daily', '# nexo: schedule=09:00');
    await run();
    script('daily', '# nexo: schedule=10:00:1');
    expect((await run()).ensure_schedules.repaired).toMatchObject([
      { cron_id: 'daily', reason: 'it was 09:00 daily; its unit was changed' },
    ]);
    writeFileSync(
      join(units(), 'nexo-daily.timer'),
      readFileSync(join(units(), 'nexo-daily.timer'), 'utf8').replace('10:00', '11:00'),
    );
    expect((await audit())[0]).toMatchObject({ schedule_state: 'drifted', health: 'drifted' });
    expect((await run()).ensure_schedules.repaired).toMatchObject([{ reason: 'its unit was changed' }]);
    expect((await run({ wanted: 'builtin' })).ensure_schedules.repaired).toMatchObject([
      { cron_id: 'daily' },
    ]);
    expect(readdirSync(units())).toEqual([]);
    await run();
    writeFileSync(
      join(home.scripts, 'daily.py'),
      readFileSync(join(home.scripts, 'daily.py'), 'utf8').replace('cron_id=daily', 'cron_id=renamed'),
    );
    expect(ids((await run()).ensure_schedules.repaired)).toEqual(['renamed']);
    expect(readdirSync(units()).sort()).toEqual(['nexo-renamed.service', 'nexo-renamed.timer']);
    expect(listSchedules(database).map(({ cronId }) => cronId)).toEqual(['renamed']);
    expect(await run()).toMatchObject({ drift: false, orphans: [] });
  });

  it('loads what is on disk and not loaded', async () => {
    script('daily', '# nexo: schedule=09:00');
    await run();
    os.loaded.clear();
    expect((await run({ dryRun: true })).drift).toBe(true);
    expect((await run()).ensure_schedules.already_present).toMatchObject([
      { cron_id: 'daily', reloaded: true },
    ]);
    expect(os.loaded.has('nexo-daily.timer')).toBe(true);
  });

  it('reports every problem of a bad declaration, creates nothing of it and goes on with the others', async () => {
    script('bad', '# nexo: schedule=monthly:1\n# nexo: max_catchup_age=x');
    script('good', '# nexo: schedule=09:00');
    script('twin', '# nexo: schedule=09:00');
    const other = script('other', '# nexo: schedule=09:00');
    writeFileSync(other, readFileSync(other, 'utf8').replace('cron_id=other', 'cron_id=twin'));
    const report = await run();
    expect(report.ok).toBe(false);
    expect(
      report.ensure_schedules.invalid.map(({ name, problems }) => [name, problems.map(({ code }) => code)]),
    ).toEqual([
      ['bad', ['max_catchup_age.not_integer', 'schedule.format']],
      ['other', ['cron_id.duplicate']],
      ['twin', ['cron_id.duplicate']],
    ]);
    expect(ids(report.ensure_schedules.created)).toEqual(['good']);
  });

  it('names what nobody declares any more, removes it only when asked, and never what is not ours', async () => {
    script('kept', '# nexo: schedule=09:00');
    const path = script('gone', '# nexo: schedule=09:00');
    await run();
    rmSync(path);
    writeFileSync(join(units(), 'nexo-manual.service'), '[Service]\nExecStart=/bin/sh /home/ada/manual.sh\n');
    const report = await run();
    expect(report.orphans.map(({ cron_id, managed, reason }) => [cron_id, managed, reason])).toEqual([
      ['gone', true, 'its script is gone'],
      ['manual', false, 'made by hand'],
    ]);
    expect(existsSync(join(units(), 'nexo-gone.timer'))).toBe(true);
    expect((await audit()).map((row) => [row.cron_id, row.schedule_origin])).toEqual([
      ['gone', 'orphan_schedule'],
      ['kept', 'declared_managed'],
      ['manual', 'orphan_schedule'],
    ]);
    expect(await run({ pruneOrphans: true })).toMatchObject({
      pruned: ['gone'],
      orphans: [{ cron_id: 'manual' }],
    });
    expect(readdirSync(units()).sort()).toEqual([
      'nexo-kept.service',
      'nexo-kept.timer',
      'nexo-manual.service',
    ]);
    expect(listSchedules(database).map(({ cronId }) => cronId)).toEqual(['kept']);
  });

  it('fails, and registers nothing, where a unit of somebody else’s has the name', async () => {
    script('daily', '# nexo: schedule=09:00');
    mkdirSync(units(), { recursive: true });
    writeFileSync(join(units(), 'nexo-daily.service'), '[Service]\nExecStart=/bin/true\n');
    const report = await run();
    expect(report.ok).toBe(false);
    expect(report.ensure_schedules.failed).toMatchObject([
      { cron_id: 'daily', error: expect.stringContaining('is not ours') },
    ]);
    expect(listSchedules(database)).toEqual([]);
    expect(readFileSync(join(units(), 'nexo-daily.service'), 'utf8')).toContain('/bin/true');
  });

  it('says what systemd said, and takes it up again the next time', async () => {
    script('daily', '# nexo: schedule=09:00');
    os.refuse(1, 'Failed to connect to bus');
    const report = await run();
    expect(report.ensure_schedules.failed).toMatchObject([
      { error: expect.stringContaining('Failed to connect to bus') },
    ]);
    expect(report.ok).toBe(false);
    os = fakeSystemctl(units());
    expect((await run()).ok).toBe(true);
    expect(await run()).toMatchObject({ drift: false });
  });

  it('captures PATH once, for every unit and job, and anew when asked', async () => {
    script('daily', '# nexo: schedule=09:00');
    const { path } = await run();
    expect(path).toBe(`${home.bin}:/opt/tools:/usr/bin:/usr/local/bin:/bin`);
    expect(readFileSync(join(units(), 'nexo-daily.service'), 'utf8')).toContain(`Environment="PATH=${path}"`);
    env = { ...env, PATH: '/elsewhere:/usr/bin' };
    expect(await run()).toMatchObject({ path, drift: false });
    expect((await run({ refreshPath: true })).ensure_schedules.repaired).toMatchObject([
      { cron_id: 'daily' },
    ]);
    expect(readSetting(database, 'path')).toContain('/elsewhere');
  });

  it('uses LaunchAgents where there are some', async () => {
    script('daily', '# nexo: schedule=09:00');
    const report = await run({ platform: 'darwin' });
    expect(report).toMatchObject({ ok: true, backend: 'launchd' });
    expect(readdirSync(join(base, 'Library', 'LaunchAgents'))).toEqual(['com.nexo.daily.plist']);
    expect(await run({ platform: 'darwin' })).toMatchObject({ drift: false });
  });
});

describe('a temporary home', () => {
  it('never reaches the scheduler of the operating system, and says so', async () => {
    env = { ...env, NEXO_ALLOW_EPHEMERAL_INSTALL: undefined };
    script('daily', '# nexo: schedule=09:00');
    const report = await run();
    expect(report).toMatchObject({
      ok: true,
      backend: 'builtin',
      backend_reason: expect.stringContaining('temporary folder'),
    });
    expect(os.calls).toEqual([]);
    expect(existsSync(units())).toBe(false);
    const world = { home, userHome: base, env, database };
    await expect(openBackends(world, 'systemd')).rejects.toMatchObject({
      code: 'SCHEDULE_BACKEND_UNAVAILABLE',
    });
  });
});

describe('a schedule that is taken away', () => {
  it('does not come back by itself, and comes back when it is asked for', async () => {
    script('daily', '# nexo: schedule=09:00');
    await run();
    const entry = findScript(discoverScripts(home).entries, 'daily');
    if (entry === undefined) throw new Error('no script');
    const away = await unscheduleScript(await options(), entry);
    expect(away).toMatchObject({ held: true, removed_schedules: [{ cron_id: 'daily', backend: 'systemd' }] });
    expect(readdirSync(units())).toEqual([]);
    const report = await run();
    expect(report).toMatchObject({ ok: true, drift: false });
    expect(report.ensure_schedules.skipped).toMatchObject([
      { name: 'daily', reason: expect.stringContaining('nexo schedules add daily') },
    ]);
    expect((await addSchedule(await options(), { script: 'daily' })).source).toBe('declared');
    expect(await run()).toMatchObject({ drift: false, ensure_schedules: { skipped: [] } });
    await removeSchedule(await options(), 'daily');
    expect(readdirSync(units())).toEqual([]);
    await expect(removeSchedule(await options(), 'daily')).rejects.toMatchObject({
      code: 'SCHEDULE_NOT_FOUND',
    });
  });
});

describe('a schedule that is added by hand', () => {
  const plain = (): void => writeFileSync(join(home.scripts, 'plain.sh'), '#!/bin/sh\n# nexo: name=plain\n');

  it('is installed, shown as added, and left alone by reconcile', async () => {
    plain();
    const added = await addSchedule(await options(), {
      script: 'plain',
      intervalSeconds: '300',
      description: 'now and then',
    });
    expect(added).toMatchObject({
      cronId: 'plain',
      source: 'added',
      label: 'every 300s',
      nextDueAt: NOW + 300_000,
    });
    expect(await run()).toMatchObject({ drift: false, orphans: [] });
    expect(await audit()).toMatchObject([
      { cron_id: 'plain', schedule_origin: 'added', schedule_state: 'healthy', problems: [] },
    ]);
    expect(await run({ pruneOrphans: true })).toMatchObject({ pruned: [] });
  });

  it.each([
    ['no time at all', {}, 'SCHEDULE_INVALID'],
    ['two times', { schedule: '09:00', intervalSeconds: '5' }, 'SCHEDULE_INVALID'],
    ['a form that is not supported', { schedule: 'monthly:1' }, 'SCHEDULE_INVALID'],
    ['a bad id', { schedule: '09:00', cronId: '../x' }, 'SCHEDULE_INVALID'],
    ['an unknown script', { script: 'nobody', schedule: '09:00' }, 'SCRIPT_NOT_FOUND'],
  ])('is refused with %s', async (_name, more, code) => {
    plain();
    await expect(addSchedule(await options(), { script: 'plain', ...more })).rejects.toMatchObject({ code });
    expect(listSchedules(database)).toEqual([]);
    expect(existsSync(units())).toBe(false);
  });

  it('is refused where the script declares one, and where the id is taken', async () => {
    script('daily', '# nexo: schedule=09:00');
    plain();
    await run();
    await expect(addSchedule(await options(), { script: 'daily', schedule: '10:00' })).rejects.toMatchObject({
      code: 'SCHEDULE_EXISTS',
    });
    await expect(
      addSchedule(await options(), { script: 'plain', cronId: 'daily', schedule: '10:00' }),
    ).rejects.toMatchObject({ code: 'SCHEDULE_EXISTS' });
  });
});

describe('a script that is switched off', () => {
  it('keeps its schedule, which says so', async () => {
    const path = script('daily', '# nexo: schedule=09:00');
    await run();
    setEnabled(database, path, false);
    expect(await run()).toMatchObject({ drift: false });
    expect(await audit()).toMatchObject([
      { state: 'disabled', health: 'disabled', enabled: false, next_run_at: null },
    ]);
  });
});
