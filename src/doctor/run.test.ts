import { describe, expect, it } from 'vitest';

import { type Check, critical, degraded, healthy } from '../base/check.ts';
import type { DoctorContext } from './context.ts';
import type { CheckSource } from './registry.ts';
import { exitCodeOf } from './report.ts';
import { type DoctorOptions, runDoctor } from './run.ts';

// No check in here looks at the world.
const context = {} as DoctorOptions['context'];

type TestCheck = Check<DoctorContext>;

const good: TestCheck = { id: 'boot.good', tier: 'boot', run: () => healthy('all well') };
const deep: TestCheck = { id: 'deep.thorough', tier: 'deep', run: () => healthy('looked') };

function run(checks: readonly TestCheck[], options: Partial<DoctorOptions> = {}) {
  const sources: CheckSource[] = [{ name: 'test', load: async () => checks }];
  return runDoctor({ context, sources, ...options });
}

describe('the doctor', () => {
  it('reports the published keys and no others', async () => {
    const report = await run([{ ...good, run: () => degraded('so so', { evidence: ['seen'] }) }]);
    expect(report).toEqual({
      overall_status: 'degraded',
      counts: { healthy: 0, degraded: 1, critical: 0, total: 1 },
      duration_ms: expect.any(Number),
      checks: [
        {
          id: 'boot.good',
          tier: 'boot',
          category: 'installed_product',
          status: 'degraded',
          severity: 'warn',
          summary: 'so so',
          evidence: ['seen'],
          repair_plan: [],
          escalation_prompt: '',
          fixed: false,
          changes: [],
        },
      ],
    });
  });

  it.each([
    ['healthy', [good], 0],
    ['degraded', [good, { ...deep, tier: 'boot', run: () => degraded('hm') }], 1],
    [
      'critical',
      [
        { ...good, run: () => degraded('hm') },
        { ...good, run: () => critical('no') },
      ],
      2,
    ],
  ] as const)('is as bad as its worst check: %s', async (overall, checks, code) => {
    const report = await run(checks);
    expect(report.overall_status).toBe(overall);
    expect(exitCodeOf(report)).toBe(code);
  });

  it('runs one tier, or all in order', async () => {
    const runtime: TestCheck = { id: 'runtime.middle', tier: 'runtime', run: () => healthy('ok') };
    const ids = async (tier: string) =>
      (await run([deep, runtime, good], { tier })).checks.map(({ id }) => id);
    expect(await ids('boot')).toEqual(['boot.good']);
    expect(await ids('all')).toEqual(['boot.good', 'runtime.middle', 'deep.thorough']);
  });

  it('reports a check that throws, with where, and runs the others', async () => {
    const broken: TestCheck = {
      id: 'boot.disk_space',
      tier: 'boot',
      run: () => {
        throw new Error('no such disk');
      },
    };
    const report = await run([broken, good]);
    expect(report.checks.map(({ id }) => id)).toEqual(['check.boot_disk_space_crashed', 'boot.good']);
    expect(report.checks[0]).toMatchObject({ tier: 'unknown', status: 'critical', severity: 'error' });
    expect(report.checks[0]?.summary).toContain('no such disk');
    expect(report.checks[0]?.evidence[0]).toContain('run.test.ts');
  });

  it('gives up on a check that hangs', async () => {
    const hanging: TestCheck = { ...good, id: 'boot.hangs', run: () => new Promise(() => {}) };
    const report = await run([hanging, good], { limitsMs: { boot: 20 } });
    expect(report.checks.map(({ id }) => id)).toEqual(['check.boot_hangs_crashed', 'boot.good']);
  });

  it('reports checks that cannot be loaded, and runs those of other domains', async () => {
    const sources: CheckSource[] = [
      { name: 'broken', load: () => Promise.reject(new Error('bad module')) },
      { name: 'fine', load: async () => [good] },
    ];
    const report = await runDoctor({ context, sources });
    expect(report.checks.map(({ id }) => id)).toEqual(['check.broken_crashed', 'boot.good']);
  });

  it('reports a tier that fails as a whole, and runs the others', async () => {
    const report = await run([good, deep], {
      tier: 'all',
      onCheck: (id) => {
        if (id === 'boot.good') throw new Error('nobody listens');
      },
    });
    expect(report.checks.map(({ id }) => id)).toEqual(['orchestrator.boot_crashed', 'deep.thorough']);
  });

  it('names a tier that does not exist, and runs nothing', async () => {
    const report = await run([good], { tier: 'bootleg' });
    expect(report.checks.map(({ id }) => id)).toEqual(['orchestrator.invalid_tier']);
    expect(exitCodeOf(report)).toBe(2);
  });

  it.each([
    [undefined, ['boot.good', 'boot.history'], 0],
    ['', ['boot.good', 'boot.history'], 0],
    ['Runtime-Personal', ['boot.good', 'boot.history'], 0],
    ['installation live', ['boot.good'], 0],
    ['cooperator', ['orchestrator.diagnostic_plane_mismatch'], 1],
    ['moon', ['orchestrator.diagnostic_plane_invalid'], 2],
  ])('on the plane %s runs what belongs there', async (plane, ids, code) => {
    const history: TestCheck = { ...good, id: 'boot.history', category: 'operator_history' };
    const report = await run([good, history], { plane });
    expect(report.checks.map(({ id }) => id)).toEqual(ids);
    expect(exitCodeOf(report)).toBe(code);
  });

  it('ends with the reason of a signal, and not with a report', async () => {
    const stop = new AbortController();
    const waits: TestCheck = {
      ...good,
      run: () => {
        stop.abort(new Error('enough'));
        return new Promise(() => {});
      },
    };
    await expect(run([waits], { context: { ...context, signal: stop.signal } })).rejects.toThrow('enough');
  });
});

describe('--fix', () => {
  function fixable(changes: () => string[]): { check: TestCheck; state: { broken: boolean } } {
    const state = { broken: true };
    const check: TestCheck = {
      id: 'boot.folders',
      tier: 'boot',
      run: () => (state.broken ? degraded('one is missing') : healthy('all there')),
      fix: () => {
        const made = changes();
        if (made.length > 0) state.broken = false;
        return made;
      },
    };
    return { check, state };
  }

  it('looks again behind a fix and says what it changed', async () => {
    const { check } = fixable(() => ['made logs/']);
    const report = await run([check], { fix: true });
    expect(report.checks[0]).toMatchObject({
      status: 'healthy',
      summary: 'all there (fixed)',
      fixed: true,
      changes: ['made logs/'],
    });
    expect((await run([check], { fix: true })).checks[0]).toMatchObject({ fixed: false, changes: [] });
  });

  it('changes nothing without being asked, nor where nothing is wrong', async () => {
    const { check, state } = fixable(() => ['made logs/']);
    expect((await run([check])).checks[0]).toMatchObject({ status: 'degraded', fixed: false });
    expect(state.broken).toBe(true);
    const asked = await run([{ ...good, fix: () => ['touched'] }], { fix: true });
    expect(asked.checks[0]).toMatchObject({ fixed: false, changes: [] });
  });

  it('does not call fixed what it could not put right', async () => {
    const nothing = await run([fixable(() => []).check], { fix: true });
    expect(nothing.checks[0]).toMatchObject({ status: 'degraded', fixed: false, changes: [] });
    const stubborn: TestCheck = { ...good, run: () => degraded('still'), fix: () => ['tried'] };
    const tried = await run([stubborn], { fix: true });
    expect(tried.checks[0]).toMatchObject({ status: 'degraded', fixed: false, changes: ['tried'] });
  });

  it('keeps the finding when the fix itself fails, and says why', async () => {
    const check: TestCheck = {
      ...good,
      run: () => critical('gone', { evidence: ['seen'] }),
      fix: () => Promise.reject(new Error('disk full')),
    };
    const report = await run([check, good], { fix: true });
    expect(report.checks[0]).toMatchObject({
      status: 'critical',
      fixed: false,
      evidence: ['seen', 'the fix did not work: disk full'],
    });
    expect(report.checks[1]?.status).toBe('healthy');
  });
});
