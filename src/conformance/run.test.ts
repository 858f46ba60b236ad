import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import type { NexoError } from '../errors.ts';
import { type ConformanceReport, type RunOptions, runConformance } from './run.ts';
import { runStress } from './stress/stress.ts';

const ODD = fileURLToPath(new URL('../../test/support/odd-server.mjs', import.meta.url));
const odd = (way: string, detail = ''): string => `"${process.execPath}" "${ODD}" "${way}" "${detail}"`;

const addOne = {
  test_id: 'adds',
  description: 'Adds one task to an empty list',
  covers: { return_value: { task_add: ['task'] } },
  action: { tool: 'task_add', params: { title: 'A', context: 'c' } },
  postcondition: { return_value: { '$.task.id': 1 } },
};

function suite(...cases: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'suite-'));
  mkdirSync(join(folder, 'tools'));
  writeFileSync(join(folder, 'tools', 'cases.json'), JSON.stringify(cases));
  return folder;
}

function run(server: string, options: Partial<RunOptions> = {}): Promise<ConformanceReport> {
  return runConformance({
    server,
    fixtures: suite(addOne),
    env: process.env,
    cwd: process.cwd(),
    timeoutMs: 5000,
    ...options,
  });
}

async function failureOf(running: Promise<unknown>): Promise<NexoError> {
  const failure: unknown = await running.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: 'NexoError' });
  return failure as NexoError;
}

describe('a server', () => {
  it('that works is named in the report', async () => {
    const report = await run(odd('careless'));
    expect(report).toMatchObject({
      implementation: { kind: 'stdio', name: 'odd', version: '1' },
      totals: { cases: 1, passed: 1, failed: 0, skipped: 0 },
    });
  });

  it.each([
    ['ends at once', odd('ends at once'), 5000, /ended with exit code 0/],
    ['is not there', '/no/such/server', 5000, /could not be started.*ENOENT/],
    [
      'says something else',
      `"${process.execPath}" -e "console.log('ready')"`,
      5000,
      /no protocol message: "ready"/,
    ],
    ['says nothing', odd('mute'), 500, /did not answer within 0\.5 s/],
    [
      'breaks down, and why',
      `"${process.execPath}" -e "console.error('no coal'); process.exit(7)"`,
      5000,
      /exit code 7.*It said: no coal/,
    ],
  ])('that %s fails the whole run', async (_name, server, timeoutMs, message) => {
    const failure = await failureOf(run(server, { timeoutMs }));
    expect(failure).toMatchObject({
      code: 'CONFORMANCE_SERVER_FAILED',
      message: expect.stringMatching(message),
    });
    expect(failure.hint).toBeDefined();
  });

  it('without the tools under this prefix fails the run with the right prefix', async () => {
    const prefixed = { ...addOne, action: { ...addOne.action, tool: 'add' } };
    const failure = await failureOf(run(odd('careless'), { fixtures: suite(prefixed), toolPrefix: 'nx_' }));
    expect(failure).toMatchObject({ code: 'CONFORMANCE_SERVER_FAILED', hint: 'Try --tool-prefix task_' });
  });

  it.each([
    ['dies', /task_add the server ended with exit code 3\. It said: out of coal/],
    ['chatters', /no protocol message: "debug: adding a task"/],
    ['hangs', /did not answer within 0\.5 s/],
  ])('that %s in a call fails that case', async (way, message) => {
    const report = await run(odd(way), { timeoutMs: way === 'hangs' ? 500 : 5000 });
    expect(report.totals).toMatchObject({ failed: 1 });
    expect(report.cases[0]).toMatchObject({ serverFailure: expect.stringMatching(message) });
  });

  it('that goes on giving no answer is given up', async () => {
    const cases = Array.from({ length: 20 }, (_, index) => ({ ...addOne, test_id: `adds_${index}` }));
    const failure = await failureOf(run(odd('dies'), { fixtures: suite(...cases), parallel: 1 }));
    expect(failure).toMatchObject({ code: 'CONFORMANCE_SERVER_FAILED', data: { done: 3 } });
  });

  it.each([
    ['two-faced', /not the JSON of structuredContent/],
    ['writes nonsense', /wrote an invalid file: \$\.tasks\[0\]\.id/],
    ['says done, does nothing', undefined],
  ])('that %s is found out', async (way, got) => {
    const report = await run(odd(way), {
      fixtures: suite({
        ...addOne,
        postcondition: { state_files: way === 'two-faced' ? {} : { '.nexus/state/tasks.json': {} } },
      }),
    });
    expect(report.cases[0]).toMatchObject({ status: 'fail' });
    if (got !== undefined)
      expect(report.cases[0]?.failures.some((failure) => got.test(failure.got))).toBe(true);
  });

  it('without a tool fails its cases, also those that want a refusal', async () => {
    const refusal = {
      ...addOne,
      test_id: 'refuses',
      action: { tool: 'plan_decide', params: {} },
      postcondition: { error: true },
    };
    const report = await run(odd('careless'), { fixtures: suite(addOne, refusal) });
    expect(report.cases.map(({ id, status }) => `${id} ${status}`)).toEqual(['adds pass', 'refuses fail']);
  });

  it('is ended with everything that it started', async () => {
    const pidFile = join(mkdtempSync(join(tmpdir(), 'pid-')), 'pid');
    const server = `"${process.execPath}" "${ODD}" "has a child" "${pidFile}"`;
    await run(server, {
      fixtures: suite({ ...addOne, action: { tool: 'task_list', params: {} }, postcondition: {} }),
    }).catch(() => {});
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  it('gets the project as its folder and in its environment', async () => {
    const script = join(mkdtempSync(join(tmpdir(), 'script-')), 'event.mjs');
    const marks = ['process.cwd()', 'process.env.NEXO_PROJECT_ROOT', 'process.env.NEXUS_PROJECT_ROOT'];
    writeFileSync(
      script,
      `import { readFileSync, writeFileSync } from 'node:fs';
       const event = JSON.parse(readFileSync(0, 'utf8'));
       const roots = new Set([${marks.join(', ')}, event.root]);
       writeFileSync('seen.json', JSON.stringify({ roots: roots.size, event: { ...event, root: undefined } }));`,
    );
    const fixture = {
      test_id: 'event',
      description: 'An event goes to the event command',
      event: { type: 'agent_spawn', params: { harness_id: 'h', agent_id: 'a' } },
      postcondition: {
        state_files: {
          'seen.json': {
            '$.roots': 1,
            '$.event.type': 'agent_spawn',
            '$.event.harness_id': 'h',
            '$.event.params.agent_id': 'a',
          },
        },
      },
    };
    const report = await run(odd('careless'), {
      fixtures: suite(fixture),
      events: `"${process.execPath}" "${script}"`,
    });
    expect(report.cases[0]?.failures).toEqual([]);
  });
});

describe('an event command', () => {
  const fixture = {
    test_id: 'event',
    description: 'An event that fails',
    event: { type: 'session_end' },
    postcondition: { error: true, error_contains: 'no' },
  };

  it('that fails is a failed event, with what it said', async () => {
    const events = `"${process.execPath}" -e "console.error('not today, no'); process.exit(4)"`;
    expect((await run(odd('careless'), { fixtures: suite(fixture), events })).totals.passed).toBe(1);
    const expectsSuccess = { ...fixture, postcondition: {} };
    const report = await run(odd('careless'), { fixtures: suite(expectsSuccess), events });
    expect(report.cases[0]?.failures[0]?.got).toMatch(/exit code 4: not today, no/);
  });

  it('that does not run fails the case as no answer', async () => {
    const report = await run(odd('careless'), { fixtures: suite(fixture), events: '/no/such/command' });
    expect(report.cases[0]?.serverFailure).toMatch(/event command does not run/);
  });
});

it('a run that is stopped in the middle of a call ends, and says so', async () => {
  const stop = new AbortController();
  const reached = join(mkdtempSync(join(tmpdir(), 'reached-')), 'call');
  const cases = Array.from({ length: 6 }, (_, index) => ({ ...addOne, test_id: `adds_${index}` }));
  const running = run(odd('hangs', reached), {
    fixtures: suite(...cases),
    timeoutMs: 60_000,
    signal: stop.signal,
    parallel: 1,
  });
  await expect.poll(() => existsSync(reached), { timeout: 5000 }).toBe(true);
  stop.abort();
  expect(await failureOf(running)).toMatchObject({ code: 'INTERRUPTED' });
});

it('stress finds out a server that reads, waits and writes', async () => {
  const { violations, calls } = await runStress({
    server: odd('careless'),
    env: process.env,
    cwd: process.cwd(),
    writers: 4,
    ops: 15,
    kills: 0,
    seed: 1,
  });
  expect(calls.acknowledged).toBeGreaterThan(20);
  const kinds = new Set(violations.map(({ kind }) => kind));
  expect(kinds).toContain('lost');
  expect(kinds).toContain('torn');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
