import { describe, expect, it } from 'vitest';

import type { ScheduleBackend, UnitPlan } from '../../src/automation/schedules/backends/contract.ts';
import type { ScheduleSpec } from '../../src/automation/schedules/store.ts';
import type { Timing } from '../../src/automation/schedules/timing.ts';
import type { HomePaths } from '../../src/home/paths.ts';

export interface BackendUnderTest {
  readonly backend: ScheduleBackend;
  readonly home: HomePaths;
  /** What has to be done besides `install`: our own scheduler needs the registered schedule. */
  register(spec: ScheduleSpec): void;
  unregister(cronId: string): void;
  /** Puts something of somebody else's at the place of a schedule; undefined where there is no such place. */
  readonly occupy?: (cronId: string) => void;
  /** Makes the operating system refuse. */
  readonly refuse?: () => void;
}

export const TIMINGS: readonly Timing[] = [
  { kind: 'calendar', hour: 9, minute: 5, weekday: null },
  { kind: 'calendar', hour: 0, minute: 0, weekday: 0 },
  { kind: 'calendar', hour: 23, minute: 59, weekday: 6 },
  { kind: 'interval', seconds: 1 },
  { kind: 'interval', seconds: 86_400 },
  { kind: 'keep_alive' },
];

export function spec(home: HomePaths, more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    cronId: 'job',
    name: 'job',
    scriptPath: `${home.scripts}/it's 100% "odd" $HOME \\ é.py`,
    description: 'Says "hello" for 100% of $USERS \\',
    source: 'declared',
    backend: 'builtin',
    timing: { kind: 'calendar', hour: 9, minute: 0, weekday: null },
    recoveryPolicy: 'catchup',
    runOnBoot: false,
    runOnWake: true,
    idempotent: true,
    maxCatchupAge: 3600,
    timeoutSeconds: null,
    ...more,
  };
}

export function unit(home: HomePaths, more: Partial<ScheduleSpec> = {}): UnitPlan {
  return {
    spec: spec(home, more),
    home,
    userHome: '/home/ada',
    shim: `${home.bin}/nexo`,
    searchPath: '/opt/my tools/100%/bin:/usr/bin:/bin',
  };
}

/** What every back end promises, see `ScheduleBackend`. */
export function testScheduleBackend(name: string, create: () => Promise<BackendUnderTest>): void {
  describe(`the ${name} back end`, () => {
    async function install({ backend, home, register }: BackendUnderTest, more: Partial<ScheduleSpec> = {}) {
      const plan = unit(home, { backend: backend.name, ...more });
      register(plan.spec);
      await backend.install(plan);
      return plan;
    }

    it.each(TIMINGS)('finds what it has installed: %j', async (timing) => {
      const test = await create();
      const plan = await install(test, { timing });
      const found = await test.backend.discover();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        cronId: 'job',
        scriptPath: plan.spec.scriptPath,
        timing,
        managed: true,
        home: test.home.home,
        files: test.backend.plan(plan),
      });
      expect(await test.backend.state('job')).toMatchObject({ loaded: true });
    });

    it('makes the same files of the same plan', async () => {
      const { backend, home } = await create();
      expect(backend.plan(unit(home))).toEqual(backend.plan(unit(home)));
    });

    it('is content with being asked twice', async () => {
      const test = await create();
      await install(test);
      const before = await test.backend.discover();
      await install(test);
      expect(await test.backend.discover()).toEqual(before);
      test.unregister('job');
      await test.backend.remove('job');
      expect(await test.backend.discover()).toEqual([]);
      expect(await test.backend.remove('job')).toEqual({ deleted: [] });
    });

    it('replaces a schedule by one of another kind and leaves nothing of the old', async () => {
      const test = await create();
      for (const timing of [...TIMINGS, ...[...TIMINGS].reverse()]) {
        const plan = await install(test, { timing });
        const found = await test.backend.discover();
        expect(found.map((each) => each.timing)).toEqual([timing]);
        expect(found[0]?.files).toEqual(test.backend.plan(plan));
      }
    });

    it('keeps two schedules apart, and removes one of them', async () => {
      const test = await create();
      await install(test);
      await install(test, { cronId: 'job-2' });
      test.unregister('job');
      await test.backend.remove('job');
      expect((await test.backend.discover()).map(({ cronId }) => cronId)).toEqual(['job-2']);
      expect(await test.backend.state('job')).toMatchObject({ loaded: false });
    });

    it('changes nothing by planning and looking', async () => {
      const test = await create();
      test.backend.plan(unit(test.home));
      await test.backend.state('job');
      expect(await test.backend.discover()).toEqual([]);
    });

    it('reports what is not ours, and neither replaces nor removes it', async (context) => {
      const test = await create();
      if (test.occupy === undefined) return context.skip('there is no place that others could take');
      test.occupy('job');
      const before = await test.backend.discover();
      expect(before).toMatchObject([{ cronId: 'job', managed: false }]);
      await expect(install(test)).rejects.toMatchObject({ code: 'SCHEDULE_EXISTS' });
      await expect(test.backend.remove('job')).rejects.toMatchObject({ code: 'SCHEDULE_EXISTS' });
      expect(await test.backend.discover()).toEqual(before);
    });

    it('says what the operating system said when it refuses', async (context) => {
      const test = await create();
      if (test.refuse === undefined) return context.skip('nothing is asked of the operating system');
      test.refuse();
      await expect(install(test)).rejects.toMatchObject({
        code: 'SCHEDULE_INSTALL_FAILED',
        message: expect.stringContaining('no bus'),
      });
    });
  });
}
