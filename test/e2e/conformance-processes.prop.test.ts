import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readFinalState } from '../../src/conformance/stress/final-state.ts';
import { verifyState } from '../../src/conformance/stress/verify.ts';
import { readMemoryAccess } from '../../src/workspace/memory-report.ts';
import { openWorkspace } from '../../src/workspace/workspace.ts';
import {
  type Operation,
  startProcesses,
  tool,
  toRecords,
  type WorkspaceProcesses,
} from '../support/workspace-processes.ts';

const PROCESSES = 8;

let processes: WorkspaceProcesses;
beforeAll(async () => {
  processes = await startProcesses(PROCESSES);
});
afterAll(() => processes.close());

const newRoot = (): string => mkdtempSync(join(tmpdir(), 'processes-'));
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const add = (title: string): Operation => tool('task_add', { title, context: 'c' });

describe('eight processes at once', () => {
  it('add fifty tasks each, and all four hundred are there under the numbers that were acknowledged', async () => {
    const root = newRoot();
    const programs = range(PROCESSES).map((p) => ({
      root,
      operations: range(50).map((n) => add(`${p}/${n}`)),
    }));
    const results = (await processes.run(programs)).flat();
    const { tasks } = JSON.parse(readFileSync(join(root, '.nexus/state/tasks.json'), 'utf8')) as {
      tasks: { id: number; title: string }[];
    };
    expect(tasks.map(({ id }) => id)).toEqual(range(400).map((n) => n + 1));
    expect(new Set(tasks.map(({ title }) => title)).size).toBe(400);
    const acknowledged = results.map(({ value }) => (value as { task: { id: number; title: string } }).task);
    expect(acknowledged.map(({ id, title }) => `${id} ${title}`).sort()).toEqual(
      tasks.map(({ id, title }) => `${id} ${title}`).sort(),
    );
  });

  it('add and close at the same time, and every task is in exactly one cycle or still open', async () => {
    const root = newRoot();
    const programs = range(PROCESSES).map((p) => ({
      root,
      operations: range(40).map((n) => (p < 6 ? add(`${p}/${n}`) : tool('task_close'))),
    }));
    const results = (await processes.run(programs)).flat();
    const state = readFinalState(root);
    expect(
      state.taskLists
        .flat()
        .map(({ title }) => title)
        .sort(),
    ).toEqual(
      range(6)
        .flatMap((p) => range(40).map((n) => `${p}/${n}`))
        .sort(),
    );
    expect(state.cycleTimes).toHaveLength(80);
    expect(verifyState(state, toRecords(results))).toEqual([]);
  });

  it('complete one agent each, and no end is lost', async () => {
    const root = newRoot();
    await processes.run([
      { root, operations: range(PROCESSES * 5).map((n) => ({ kind: 'spawn', agent: `a${n}` })) },
    ]);
    await processes.run(
      range(PROCESSES).map((p) => ({
        root,
        operations: range(5).map((n) => ({ kind: 'complete', agent: `a${p * 5 + n}` })),
      })),
    );
    const entries: unknown = JSON.parse(
      readFileSync(join(root, '.nexus/state/nexo/agent-tracker.json'), 'utf8'),
    );
    expect(entries).toEqual(
      range(PROCESSES * 5).map((n) =>
        expect.objectContaining({ agent_id: `a${n}`, status: 'completed', last_message: `a${n}` }),
      ),
    );
  });

  it('read the same memory files, and every read is counted', async () => {
    const root = newRoot();
    const operations = range(10).map(
      (n): Operation => ({ kind: 'memory', path: `.nexus/memory/m${n % 2}.md`, agent: 'reader' }),
    );
    const results = await processes.run(range(PROCESSES).map(() => ({ root, operations })));
    expect(results.flat().filter(({ answer }) => answer === 'refused')).toEqual([]);
    expect(
      readMemoryAccess(openWorkspace(root)).map(({ path, access_count }) => [path, access_count]),
    ).toEqual([
      ['.nexus/memory/m0.md', 40],
      ['.nexus/memory/m1.md', 40],
    ]);
  });
});

/** Calls whose texts are filled in later, so that each is used once. */
const call = fc.oneof(
  { arbitrary: fc.record({ name: fc.constant('task_add') }), weight: 6 },
  { arbitrary: fc.record({ name: fc.constant('task_close') }), weight: 2 },
  { arbitrary: fc.record({ name: fc.constant('plan_start') }), weight: 2 },
  {
    arbitrary: fc.record({
      name: fc.constant('task_update'),
      id: fc.integer({ min: 1, max: 6 }),
      status: fc.constantFrom('pending', 'in_progress', 'completed'),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({ name: fc.constant('plan_decide'), issue_id: fc.integer({ min: 1, max: 3 }) }),
    weight: 3,
  },
  { arbitrary: fc.record({ name: fc.constant('plan_update'), action: fc.constant('add') }), weight: 1 },
  {
    arbitrary: fc.record({
      name: fc.constant('plan_update'),
      action: fc.constant('reopen'),
      issue_id: fc.integer({ min: 1, max: 3 }),
    }),
    weight: 1,
  },
);

function fillIn({ name, ...params }: { name: string; action?: string }, marker: string): Operation {
  if (name === 'task_add') return add(`task ${marker}`);
  if (name === 'plan_start') {
    const issues = [`issue ${marker}/1`, `issue ${marker}/2`];
    return tool(name, { topic: `plan ${marker}`, issues, research_summary: 'r' });
  }
  if (name === 'plan_decide') return tool(name, { ...params, decision: `decision ${marker}` });
  if (params.action === 'add') return tool(name, { ...params, title: `issue ${marker}/added` });
  return tool(name, params);
}

it('whatever several processes do at once, the files are what some order of it would give', async () => {
  const programs = fc.array(fc.array(call, { minLength: 1, maxLength: 12 }), {
    minLength: 2,
    maxLength: PROCESSES,
  });
  await fc.assert(
    fc.asyncProperty(programs, async (chosen) => {
      const root = newRoot();
      const results = await processes.run(
        chosen.map((calls, p) => ({ root, operations: calls.map((one, n) => fillIn(one, `${p}.${n}`)) })),
      );
      expect(verifyState(readFinalState(root), toRecords(results.flat()))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
