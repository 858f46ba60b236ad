import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { NexoError } from '../errors.ts';
import type { LifecycleEvent } from './apply-event.ts';
import { parseFixture } from './fixture.ts';
import { type CaseResult, runCase } from './run-case.ts';
import { type CaseProject, failedOutcome, returnedOutcome, type ToolOutcome } from './tool-caller.ts';

type Answer = (
  project: CaseProject,
  params: Readonly<Record<string, unknown>>,
) => ToolOutcome | Promise<ToolOutcome>;

/** Runs one fixture against a made-up implementation whose every tool gives this answer. */
function run(fixture: object, answer: Answer, harnessId?: string): Promise<CaseResult> {
  const place = { group: 'tools', file: 'tools/t.json' } as const;
  const common = {
    test_id: 'a_case',
    description: 'A case of this test',
    covers: { return_value: { t: ['x'] } },
  };
  const result = parseFixture({ ...common, ...fixture }, place);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return runCase(result.parsed, {
    openCaller: async (project) => ({
      call: async (_tool, params) => answer(project, params),
      close: async () => {},
    }),
    applyEvent: undefined,
    harnessId,
  });
}

const call = { tool: 't', params: {} };
const returns =
  (value: unknown): Answer =>
  () =>
    returnedOutcome(value);
const write =
  (path: string, content: string): Answer =>
  ({ root }) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
    return returnedOutcome({});
  };

describe('a case', () => {
  it('runs in an empty folder of its own, with its preconditions in place, which is gone afterwards', async () => {
    const seen: { root?: string; files?: unknown } = {};
    const state_files = {
      '.nexus/state/plan.json': { id: 1 },
      'a/list.json': [1, 2],
      'empty.md': {},
      'gone.md': null,
    };
    const result = await run({ precondition: { state_files }, action: call }, ({ root }) => {
      seen.root = root;
      seen.files = ['.nexus/state/plan.json', 'a/list.json', 'empty.md'].map((path) =>
        JSON.parse(readFileSync(join(root, path), 'utf8')),
      );
      return returnedOutcome({});
    });
    expect(result).toMatchObject({ id: 'a_case', status: 'pass', failures: [] });
    expect(seen.files).toEqual([{ id: 1 }, [1, 2], {}]);
    expect(existsSync(String(seen.root))).toBe(false);
  });

  it('passes on what it expects and says what else it got', async () => {
    const fixture = { action: call, postcondition: { return_value: { '$.a': 1, '$.b': 'x' } } };
    expect(await run(fixture, returns({ a: 1, b: 'x' }))).toMatchObject({ status: 'pass' });
    expect(await run(fixture, returns({ a: 2 }))).toMatchObject({
      status: 'fail',
      failures: [
        { what: 'return $.a', expected: '1', got: '2' },
        { what: 'return $.b', expected: '"x"', got: 'nothing there' },
      ],
    });
  });

  it('fails on an error that it does not expect, also when all else holds', async () => {
    const fixture = { action: call, postcondition: { state_files: { 'a.md': null } } };
    expect(await run(fixture, () => failedOutcome('boom'))).toMatchObject({
      status: 'fail',
      failures: [{ what: 't', expected: 'success', got: 'the error "boom"' }],
    });
    expect(
      await run({ ...fixture, postcondition: { error: false } }, () => failedOutcome('boom')),
    ).toMatchObject({ status: 'fail' });
  });

  it('takes a rejected call, a protocol error and an answer with an error for the same', async () => {
    const fixture = {
      action: call,
      postcondition: { error: true, error_contains: 'No plan', return_value: { '$.error': 'No plan' } },
    };
    expect(await run(fixture, () => failedOutcome('No plan'))).toMatchObject({ status: 'pass' });
    expect(await run(fixture, returns({ error: 'No plan' }))).toMatchObject({ status: 'pass' });
  });

  it.each([
    [{ error: true }, returns({ ok: 1 }), 'success'],
    [{ error_contains: 'No plan' }, returns({ ok: 1 }), 'success'],
    [{ error_contains: 'No plan' }, returns({ error: 'No task' }), 'the error "No task"'],
    [{ return_value: { '$.error': 'No plan' } }, returns({ error: 'no plan' }), '"no plan"'],
    [{ error: true }, returns({ error: 42 }), 'success'],
  ])('wants %j and fails without it', async (postcondition, answer, got) => {
    expect(await run({ action: call, postcondition }, answer)).toMatchObject({
      status: 'fail',
      failures: [{ got }],
    });
  });

  it('looks at files: there, not there, and what is in them', async () => {
    const fixture = (expected: unknown): object => ({
      action: call,
      postcondition: { state_files: { 'x/a.json': expected } },
    });
    expect(await run(fixture({}), write('x/a.json', 'anything'))).toMatchObject({ status: 'pass' });
    expect(await run(fixture({ '$.n': 1 }), write('x/a.json', '{"n":1}'))).toMatchObject({ status: 'pass' });
    expect(await run(fixture(null), returns({}))).toMatchObject({ status: 'pass' });
    expect(await run(fixture(null), write('x/a.json', ''))).toMatchObject({
      failures: [{ what: 'x/a.json', got: 'a file' }],
    });
    expect(await run(fixture({}), returns({}))).toMatchObject({
      failures: [{ what: 'x/a.json', got: 'no such file' }],
    });
    expect(await run(fixture({ '$.n': 1 }), write('x/a.json', '{'))).toMatchObject({
      failures: [{ what: 'x/a.json', expected: 'JSON' }],
    });
    expect(await run(fixture({ '$.n': 1 }), write('x/a.json', '{"n":2}'))).toMatchObject({
      failures: [{ what: 'x/a.json $.n', got: '2' }],
    });
  });

  it('fails when a state file was written that its schema refuses, whatever the case asks', async () => {
    const result = await run({ action: call }, write('.nexus/state/tasks.json', '{"goal":1}'));
    expect(result.failures.map(({ what, got }) => `${what}: ${got}`)).toEqual([
      expect.stringContaining('.nexus/state/tasks.json: wrote an invalid file: $.goal'),
      expect.any(String),
      expect.any(String),
    ]);
  });

  it('names the step of a scenario, and goes on after it', async () => {
    let count = 0;
    const step = (expected: number): object => ({ action: call, assert_return: { '$.n': expected } });
    const fixture = { steps: [step(1), step(9), step(3)], postcondition: { return_value: { '$.n': 4 } } };
    const result = await run(fixture, () => {
      count += 1;
      return returnedOutcome({ n: count });
    });
    expect(result.failures).toEqual([
      { step: 2, what: 'return $.n', expected: '9', got: '2' },
      { step: 3, what: 'return $.n', expected: '4', got: '3' },
    ]);
  });

  it('reports a crash of the implementation, and a server that gives no answer', async () => {
    const crash = await run({ action: call, postcondition: { error: true } }, () => {
      throw new Error('a bug');
    });
    expect(crash).toMatchObject({ status: 'fail', failures: [{ got: expect.stringContaining('a bug') }] });
    expect(crash.serverFailure).toBeUndefined();
    const silence = await run({ action: call, postcondition: { error: true } }, () => {
      throw new NexoError('CONFORMANCE_SERVER_FAILED', 'it hangs');
    });
    expect(silence).toMatchObject({ status: 'fail', serverFailure: 'it hangs' });
  });

  it('is skipped, with the reason, when it needs events and there is no way to make them', async () => {
    expect(await run({ event: { type: 'session_end' } }, returns({}))).toMatchObject({
      status: 'skip',
      skipReason: expect.stringContaining('--events'),
    });
  });
});

describe('the harness of a case', () => {
  const tracker = '{STATE_ROOT}/{HARNESS_ID}/agent-tracker.json';
  const seeded = { precondition: { state_files: { [tracker]: [{ harness_id: 'seeded' }] } } };

  it.each([
    [
      'the event says it',
      { event: { type: 'agent_resume', params: { agent_id: 'a', harness_id: 'named' } } },
      'told',
      'named',
    ],
    [
      'else the runner was told',
      { event: { type: 'agent_resume', params: { agent_id: 'a' } }, ...seeded },
      'told',
      'told',
    ],
    [
      'else the seeded tracker does',
      { event: { type: 'agent_resume', params: { agent_id: 'a' } }, ...seeded },
      undefined,
      'seeded',
    ],
    ['else it is our own', { event: { type: 'session_end' } }, undefined, 'nexo'],
  ])('%s', async (_name, fixture, told, expected) => {
    const place = { group: 'lifecycle', file: 'lifecycle/l.json' } as const;
    const raw = {
      test_id: 'l',
      description: 'A case of this test',
      postcondition: { state_files: { [tracker]: {} } },
      ...fixture,
    };
    const result = parseFixture(raw, place);
    if ('faults' in result) throw new Error(JSON.stringify(result.faults));
    const events: LifecycleEvent[] = [];
    const ran = await runCase(result.parsed, {
      openCaller: () => Promise.reject(new Error('no tool is called')),
      applyEvent: async (event) => {
        events.push(event);
        mkdirSync(join(event.root, '.nexus/state', expected), { recursive: true });
        writeFileSync(join(event.root, '.nexus/state', expected, 'agent-tracker.json'), '[]');
        return undefined;
      },
      harnessId: told,
    });
    expect(events).toMatchObject([{ harness_id: expected }]);
    expect(ran.failures).toEqual([]);
  });
});
