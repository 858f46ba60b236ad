import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';

import {
  type BackendUnderTest,
  TIMINGS,
  testScheduleBackend,
  unit,
} from '../../../../test/contract/schedule-backend.ts';
import { fakeLaunchctl, fakeSystemctl } from '../../../../test/support/os-schedulers.ts';
import { runProcess } from '../../../base/process.ts';
import { schedulesMigration } from '../../../home/migrations/002-schedules.ts';
import { type HomePaths, resolveHomePaths } from '../../../home/paths.ts';
import { deleteSchedule, putSchedule } from '../store.ts';
import { builtinBackend } from './builtin.ts';
import { launchdBackend } from './launchd.ts';
import { systemdBackend } from './systemd.ts';
import { parseUnit, splitWords, unitValue } from './unit-file.ts';

function newHome(): { folder: string; home: HomePaths } {
  const base = mkdtempSync(join(tmpdir(), 'backend-'));
  const home = resolveHomePaths({ NEXO_HOME: join(base, `home "of" 100% \\ $X é`) });
  mkdirSync(home.bin, { recursive: true });
  writeFileSync(join(home.bin, 'nexo'), '#!/bin/sh\n', { mode: 0o755 });
  return { folder: join(base, 'units'), home };
}
const NOT_REGISTERED = { register: () => {}, unregister: () => {} };

testScheduleBackend('systemd', async (): Promise<BackendUnderTest> => {
  const { folder, home } = newHome();
  const systemctl = fakeSystemctl(folder);
  return {
    ...NOT_REGISTERED,
    backend: systemdBackend({ folder, home: home.home, run: systemctl.run }),
    home,
    occupy: (id) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, `nexo-${id}.service`),
        '[Service]\nExecStart=/usr/bin/env python3 /home/ada/x.py\n',
      );
    },
    refuse: () => systemctl.refuse(1, 'Failed to connect: no bus'),
  };
});

testScheduleBackend('launchd', async () => {
  const { folder, home } = newHome();
  const launchctl = fakeLaunchctl();
  return {
    ...NOT_REGISTERED,
    backend: await launchdBackend({ folder, home: home.home, uid: 501, run: launchctl.run }),
    home,
    occupy: (id) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, `com.nexo.${id}.plist`),
        '<plist version="1.0"><dict><key>ProgramArguments</key><array><string>/x.py</string></array></dict></plist>',
      );
    },
    refuse: () => launchctl.refuse(5, 'Bootstrap failed: no bus'),
  };
});

testScheduleBackend('builtin', async () => {
  const { home } = newHome();
  const database = new DatabaseSync(':memory:');
  schedulesMigration.apply(database);
  return {
    backend: builtinBackend({ database, home: home.home }),
    home,
    register: (spec) => void putSchedule(database, spec, { now: 0, boot: '', nextDueAt: null }),
    unregister: (cronId) => void deleteSchedule(database, cronId),
  };
});

describe('units of systemd', () => {
  it.each(TIMINGS)('pass its own check: %j', async (timing) => {
    const { folder, home } = newHome();
    const backend = systemdBackend({ folder, home: home.home, run: fakeSystemctl(folder).run });
    for (const runOnBoot of [true, false]) {
      const plan = unit(home, { timing, runOnBoot });
      await backend.install(plan);
      const files = backend.plan(plan).map(({ path }) => path);
      const checked = await runProcess('systemd-analyze', ['verify', ...files], { timeoutMs: 20_000 });
      expect(`${checked.stdout}${checked.stderr}`).toBe('');
      expect(checked.code).toBe(0);
    }
  });

  it.each([
    [null, '2026-11-21', 'Sat 2026-11-21 09:05:00'],
    [0, '2026-11-21', 'Sun 2026-11-22 09:05:00'],
    [1, '2026-11-21', 'Mon 2026-11-23 09:05:00'],
    [6, '2026-11-22', 'Sat 2026-11-28 09:05:00'],
  ])('name weekday %s as we do', async (weekday, from, expected) => {
    const { folder, home } = newHome();
    const backend = systemdBackend({ folder, home: home.home, run: fakeSystemctl(folder).run });
    const [, timer] = backend.plan(unit(home, { timing: { kind: 'calendar', hour: 9, minute: 5, weekday } }));
    const calendar = /^OnCalendar=(.*)$/m.exec(timer?.content ?? '')?.[1] ?? '';
    const args = ['calendar', `--base-time=${from} 00:00:00 UTC`, calendar];
    const env = { ...process.env, TZ: 'UTC' };
    const { stdout } = await runProcess('systemd-analyze', args, { timeoutMs: 20_000, env });
    expect(stdout).toContain(expected);
  });

  it('start an interval that has never run', () => {
    const { folder, home } = newHome();
    const backend = systemdBackend({ folder, home: home.home, run: fakeSystemctl(folder).run });
    const [, timer] = backend.plan(unit(home, { timing: { kind: 'interval', seconds: 300 } }));
    expect(timer?.content).toContain('OnActiveSec=300s\nOnUnitActiveSec=300s\n');
  });

  it('say what to run in words that come back whole', () => {
    const { folder, home } = newHome();
    const backend = systemdBackend({ folder, home: home.home, run: fakeSystemctl(folder).run });
    const [service] = backend.plan(unit(home));
    const read = unitValue(parseUnit(service?.content ?? ''), 'Service', 'ExecStart') ?? '';
    expect(splitWords(read)).toEqual(['/bin/sh', `${home.bin}/nexo`, 'schedules', 'fire', 'job']);
    expect(read).not.toMatch(/[^%]%[^%]|[^$]\$[^$]/);
  });

  it('are not taken for ours when they are another home’s', async () => {
    const { folder, home } = newHome();
    const run = fakeSystemctl(folder).run;
    await systemdBackend({ folder, home: home.home, run }).install(unit(home));
    const other = systemdBackend({ folder, home: '/home/ada/.nexo', run });
    expect(await other.discover()).toMatchObject([{ managed: false, home: home.home }]);
    await expect(other.remove('job')).rejects.toThrow('is not ours');
  });

  it('are passed over when they belong to the product or the daemon, and read as far as they go when they are odd', async () => {
    const { folder, home } = newHome();
    mkdirSync(folder, { recursive: true });
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('nexo-core.service', '[Service]\nEnvironment=NEXO_MANAGED_CORE_CRON=1\n');
    write('nexo-daemon.service', '[Service]\nExecStart=/x\n');
    write('nexo-odd.timer', '[Timer]\nOnCalendar=hourly\n\0\u{7}[[[\n=\n');
    write('nexo-manual.service', '[Service]\nExecStart=/bin/bash "/home/ada/my job.sh"\n');
    write('nexo-manual.timer', '[Timer]\nOnCalendar=Mon *-*-* 07:30\nOnBootSec=60\n');
    symlinkSync('/dev/zero', join(folder, 'nexo-link.service'));
    write('unrelated.service', '');
    const backend = systemdBackend({ folder, home: home.home, run: fakeSystemctl(folder).run });
    expect(await backend.discover()).toMatchObject([
      { cronId: 'link', managed: false, scriptPath: null },
      {
        cronId: 'manual',
        managed: false,
        scriptPath: '/home/ada/my job.sh',
        timing: { kind: 'calendar', hour: 7, minute: 30, weekday: 1 },
        runAtLoad: true,
      },
      { cronId: 'odd', managed: false, timing: null },
    ]);
  });
});

describe('property lists of launchd', () => {
  it.each(TIMINGS)('are read by another parser as we meant them: %j', async (timing) => {
    const { folder, home } = newHome();
    const backend = await launchdBackend({ folder, home: home.home, uid: 501, run: fakeLaunchctl().run });
    const plan = unit(home, { timing });
    await backend.install(plan);
    const script = 'import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],"rb"))))';
    const file = backend.plan(plan)[0]?.path ?? '';
    const { stdout, stderr } = await runProcess('python3', ['-c', script, file], { timeoutMs: 20_000 });
    expect(stderr).toBe('');
    const read = JSON.parse(stdout);
    expect(read.ProgramArguments).toEqual([`${home.bin}/nexo`, 'schedules', 'fire', 'job']);
    expect(read.EnvironmentVariables).toEqual({
      HOME: '/home/ada',
      NEXO_HOME: home.home,
      PATH: plan.searchPath,
      NEXO_MANAGED_PERSONAL_CRON: '1',
      NEXO_PERSONAL_CRON_ID: 'job',
      NEXO_SCRIPT_PATH: plan.spec.scriptPath,
    });
    const { StartInterval, StartCalendarInterval, KeepAlive } = read;
    expect({ StartInterval, StartCalendarInterval, KeepAlive }).toEqual({
      StartInterval: timing.kind === 'interval' ? timing.seconds : undefined,
      StartCalendarInterval:
        timing.kind === 'calendar'
          ? {
              Hour: timing.hour,
              Minute: timing.minute,
              ...(timing.weekday !== null && { Weekday: timing.weekday }),
            }
          : undefined,
      KeepAlive: timing.kind === 'keep_alive' ? true : undefined,
    });
  });
});
