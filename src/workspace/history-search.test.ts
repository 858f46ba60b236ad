import { beforeEach, describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import { call, HISTORY, newStateProject, type StateProject } from '../../test/support/state-project.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const search = (
  input: Record<string, unknown> = {},
  workspace = project.workspace,
): Promise<Record<string, unknown>> => call(workspace, 'history_search', input);
const cycle = (topic: string, more: object = {}): object => ({
  completed_at: `at ${topic}`,
  branch: 'main',
  plan: { id: 1, topic, issues: [] },
  tasks: [],
  ...more,
});
const topics = async (input: Record<string, unknown> = {}): Promise<unknown[]> =>
  ((await search(input)).cycles as { topic: string }[]).map(({ topic }) => topic);

describe('history_search', () => {
  it('finds nothing without a history, and makes none', async () => {
    expect(await search()).toEqual({ total: 0, showing: 0, cycles: [] });
    expect(project.has('.nexus')).toBe(false);
  });

  it('gives summaries, newest first', async () => {
    project.write(HISTORY, {
      cycles: [
        { completed_at: 'a', branch: 'main', plan: null, tasks: [{ id: 1 }, { id: 2 }] },
        cycle('T', {
          plan: {
            id: 2,
            topic: 'T',
            issues: [
              { id: 1, title: 'I', status: 'decided', decision: 'D' },
              { id: 2, title: 'J', status: 'pending' },
            ],
          },
        }),
      ],
    });
    expect(await search()).toEqual({
      total: 2,
      showing: 2,
      cycles: [
        {
          completed_at: 'at T',
          branch: 'main',
          topic: 'T',
          decisions: [{ title: 'I', decision: 'D' }],
          task_count: 0,
        },
        { completed_at: 'a', branch: 'main', task_count: 2 },
      ],
    });
  });

  it('looks for the query in the whole cycle, in any case', async () => {
    project.write(HISTORY, {
      cycles: [
        cycle('Äpfel'),
        cycle('b', { tasks: [{ id: 1, context: 'ÄPFEL "quoted"' }] }),
        cycle('c', { extra: 'x' }),
      ],
    });
    expect(await topics({ query: 'äpfel' })).toEqual(['b', 'Äpfel']);
    expect(await topics({ query: '' })).toEqual(['c', 'b', 'Äpfel']);
    expect(await topics({ query: '"extra":"x"' })).toEqual(['c']);
    expect(await topics({ query: '.*' })).toEqual([]);
    expect(await search({ query: 'nowhere' })).toEqual({ total: 0, showing: 0, cycles: [] });
  });

  it.each([
    [undefined, 10],
    [3, 3],
    [0, 0],
    [-1, 0],
    [2.9, 2],
    [1e9, 12],
  ])('shows the newest last_n: %s of 12', async (last_n, showing) => {
    project.write(HISTORY, { cycles: Array.from({ length: 12 }, (_, n) => cycle(String(n))) });
    const found = await search(last_n === undefined ? {} : { last_n });
    expect([found.total, found.showing]).toEqual([12, showing]);
    expect(await topics(last_n === undefined ? {} : { last_n })).toEqual(
      Array.from({ length: showing }, (_, n) => String(11 - n)),
    );
  });

  it('reads cycles of other releases and bears odd ones', async () => {
    project.write(HISTORY, {
      cycles: [
        {},
        { plan: {} },
        { plan: { issues: [{}, { status: 'decided' }] } },
        { tasks: [{}, {}], branch: '' },
      ],
    });
    expect(await search()).toEqual({
      total: 4,
      showing: 4,
      cycles: [
        { completed_at: '', branch: '', task_count: 2 },
        {
          completed_at: '',
          branch: 'unknown',
          topic: '',
          decisions: [{ title: '', decision: '' }],
          task_count: 0,
        },
        { completed_at: '', branch: 'unknown', topic: '', decisions: [], task_count: 0 },
        { completed_at: '', branch: 'unknown', task_count: 0 },
      ],
    });
  });

  it('answers with the readable beginning of a damaged history', async () => {
    const text = JSON.stringify({ cycles: [cycle('a'), cycle('b'), cycle('c')] });
    project.write(HISTORY, text.slice(0, -20));
    expect(await topics()).toEqual(['b', 'a']);
    project.write(HISTORY, JSON.stringify({ cycles: [cycle('a'), 5, cycle('c')] }));
    expect(await topics()).toEqual(['c', 'a']);
  });

  it('does not read an unchanged file again', async () => {
    project.write(HISTORY, { cycles: [cycle('a')] });
    await search();
    const { fs, calls } = faultyFileSystem();
    expect(await search({}, { ...project.workspace, fs })).toMatchObject({ total: 1 });
    expect(calls.map(({ name }) => name)).toEqual(['lstatSync', 'lstatSync']);
  });

  it.each([
    ['the list last', '', ''],
    ['members behind the list', '', ',"x":[{}],"y":{"cycles":[{}]}'],
    ['members before the list', '"x":[{}],', ''],
  ])('follows a history that grows, shrinks and changes, with %s', async (_name, before, after) => {
    const write = (...cycles: object[]): void =>
      project.write(HISTORY, `{${before}"cycles":${JSON.stringify(cycles)}${after}}`);
    const steps = [
      [{}],
      [{}, cycle('a')],
      [{}, cycle('a'), cycle('b'), cycle('c')],
      [{}, cycle('a')],
      [cycle('a')],
      [],
      [cycle('z')],
    ];
    for (const step of steps) {
      write(...step);
      expect((await search()).total).toBe(step.length);
      expect((await search({}, project.reopen())).total).toBe(step.length);
    }
    project.write(HISTORY, `{${before}"cycles":[{}],"x2":[{}]}`);
    expect((await search()).total).toBe(1);
    project.write(HISTORY, `{${before}"cycles":[{}],"x2":[{},{}]}`);
    expect((await search()).total).toBe(1);
  });

  it('follows what other processes close', async () => {
    for (let n = 1; n <= 4; n += 1) {
      await call(n % 2 === 0 ? project.workspace : project.reopen(), 'task_close');
      expect((await search()).total).toBe(n);
    }
  });
});
