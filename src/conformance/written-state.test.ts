import { describe, expect, it } from 'vitest';

import { findInvalidFiles } from './written-state.ts';

const PLAN = '.nexus/state/plan.json';
const TASKS = '.nexus/state/tasks.json';
const HISTORY = '.nexus/history.json';

const task = { id: 1, title: 'T', context: 'C', status: 'pending', deps: [] };
const tasks = { goal: '', decisions: [], tasks: [task] };
const legacyTask = { id: 7, title: 'Old', status: 'completed', owner: { role: 'writer' } };

function find(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const snapshot = (files: Readonly<Record<string, unknown>>): Map<string, string> =>
    new Map(
      Object.entries(files).map(([path, value]) => [
        path,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
  return findInvalidFiles(snapshot(before), snapshot(after)).map(({ path, reason }) => `${path} ${reason}`);
}

describe('a file that a case wrote', () => {
  it('is fine when its schema accepts it', () => {
    expect(find({}, { [TASKS]: tasks, [HISTORY]: { cycles: [] } })).toEqual([]);
  });

  it('is not when something in it is wrong or missing', () => {
    expect(find({}, { [TASKS]: { ...tasks, tasks: [{ ...task, status: 'blocked' }] } })).toEqual([
      expect.stringContaining('.nexus/state/tasks.json $.tasks[0].status'),
    ]);
    expect(find({}, { [TASKS]: { decisions: [], tasks: [] } })).toEqual([expect.stringContaining('$.goal')]);
    expect(find({}, { [TASKS]: { ...tasks, extra: 1 } })).toEqual([expect.stringContaining('extra')]);
    expect(find({}, { [TASKS]: '{"goal":' })).toEqual(['.nexus/state/tasks.json it is not JSON']);
  });

  it('may carry along what the case started from', () => {
    const before = { ...tasks, tide: 'high', tasks: [legacyTask] };
    expect(find({ [TASKS]: before }, { [TASKS]: { ...before, tasks: [legacyTask, task] } })).toEqual([]);
    expect(
      find({ [TASKS]: before }, { [TASKS]: { ...before, tasks: [{ ...legacyTask, status: 'pending' }] } }),
    ).toEqual([]);
  });

  it('may carry it into the history', () => {
    const cycle = {
      schema_version: '0.5',
      completed_at: '2026-01-01T00:00:00.000Z',
      branch: 'main',
      plan: null,
      tasks: [legacyTask],
    };
    const plan = { id: 3, topic: 'T', issues: [] };
    expect(find({ [TASKS]: { ...tasks, tasks: [legacyTask] } }, { [HISTORY]: { cycles: [cycle] } })).toEqual(
      [],
    );
    expect(find({ [PLAN]: plan }, { [HISTORY]: { cycles: [{ ...cycle, tasks: [], plan }] } })).toEqual([]);
    expect(find({}, { [HISTORY]: { cycles: [{ ...cycle, tasks: [], plan }] } })).toEqual([
      expect.stringContaining('$.cycles[0].plan.created_at'),
    ]);
  });

  it('may not add a fault to a record that had another', () => {
    const { owner: _, ...fixed } = legacyTask;
    const found = find(
      { [TASKS]: { ...tasks, tasks: [legacyTask] } },
      { [TASKS]: { ...tasks, tasks: [{ ...fixed, deps: ['x'] }] } },
    );
    expect(found).toEqual([expect.stringContaining('$.tasks[0].deps[0]')]);
  });

  it('is not looked at when nobody touched it', () => {
    expect(find({ [HISTORY]: {} }, { [HISTORY]: {} })).toEqual([]);
    expect(find({ [HISTORY]: {} }, { [HISTORY]: { cycles: 'x' } })).toEqual([
      expect.stringContaining('$.cycles'),
    ]);
  });

  it('is checked line by line where it is made of lines', () => {
    const log = '.nexus/state/h/memory-access.jsonl';
    const line = {
      path: 'p',
      last_accessed_ts: '2026-01-01T00:00:00.000Z',
      access_count: 1,
      last_agent: 'a',
    };
    expect(find({}, { [log]: '' })).toEqual([]);
    expect(
      find({}, { [log]: `${JSON.stringify(line)}\n${JSON.stringify({ ...line, access_count: -1 })}\n` }),
    ).toEqual([expect.stringContaining('$[1].access_count')]);
  });
});
