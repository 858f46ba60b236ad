import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  newStateProject,
  type StateProject,
  TASKS,
} from '../../test/support/state-project.ts';
import { summariseTasks } from './tasks.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const add = (input: Record<string, unknown> = {}): Promise<Record<string, unknown>> =>
  call(project.workspace, 'task_add', { title: 'T', context: 'C', ...input });
const update = (id: number, status: string): Promise<Record<string, unknown>> =>
  call(project.workspace, 'task_update', { id, status });

describe('task_add', () => {
  it('makes the file with the first task', async () => {
    const task = {
      id: 1,
      title: 'T',
      context: 'C',
      status: 'pending',
      deps: [],
      created_at: '2026-05-01T09:00:00.000Z',
    };
    expect(await add()).toEqual({ task });
    expect(project.text(TASKS)).toBe(
      `${JSON.stringify({ goal: '', decisions: [], tasks: [task] }, null, 2)}\n`,
    );
  });

  it('stores every field that is given and none that is not', async () => {
    const given = {
      deps: [3, 99],
      approach: 'a',
      acceptance: 'b',
      risk: '',
      plan_issue: 2,
      owner: 'engineer',
      owner_agent_id: 'a-1',
      owner_reuse_policy: 'resume_if_same_artifact',
    };
    const { task } = await add(given);
    expect(task).toEqual({
      id: 1,
      title: 'T',
      context: 'C',
      ...given,
      status: 'pending',
      created_at: expect.any(String),
    });
    expect(project.json(TASKS)).toMatchObject({ tasks: [task] });
  });

  it('replaces the goal, appends decisions, and leaves both alone otherwise', async () => {
    await add({ goal: 'First', decisions: ['a'] });
    await add({ decisions: ['b', 'c'] });
    await add({ goal: 'Second', decisions: [] });
    await add();
    expect(project.json(TASKS)).toMatchObject({
      goal: 'Second',
      decisions: ['a', 'b', 'c'],
      tasks: [{}, {}, {}, {}],
    });
    await add({ goal: '' });
    expect(project.json(TASKS)).toMatchObject({ goal: '' });
  });

  it('numbers on from the highest id and never renumbers', async () => {
    project.write(TASKS, {
      goal: 'g',
      decisions: [],
      tasks: [
        { id: 7, title: 'x', status: 'completed' },
        { id: 3, title: 'y', status: 'pending' },
      ],
    });
    expect(await add()).toMatchObject({ task: { id: 8 } });
    expect((project.json(TASKS) as { tasks: { id: number }[] }).tasks.map(({ id }) => id)).toEqual([7, 3, 8]);
  });

  it('refuses when there is no number left', async () => {
    project.write(TASKS, { tasks: [{ id: Number.MAX_SAFE_INTEGER, title: 'x', status: 'pending' }] });
    const failure = await failureOf(add());
    expect([failure.code, failure.data]).toEqual(['STATE_ID_INVALID', { path: TASKS }]);
  });

  it.each([
    [{ title: '' }],
    [{ context: '' }],
    [{ title: 5 }],
    [{ deps: ['1'] }],
    [{ deps: [NaN] }],
    [{ owner_reuse_policy: 'sometimes' }],
    [{ status: 'completed' }],
    [{ priority: 'high' }],
  ])('refuses %j and writes nothing', async (input) => {
    expect((await failureOf(add(input))).code).toBe('INPUT_INVALID');
    expect(project.has('.nexus')).toBe(false);
  });

  it('keeps text of every kind to the letter', async () => {
    const texts = [
      '"\\',
      'a\u2028=======\u2029b',
      '\ud800',
      'ä🌲\u0000\u001b[2J',
      '__proto__',
      '<<<<<<< HEAD',
      ' ',
      '\r\n\t',
    ];
    for (const title of texts) await add({ title, context: title });
    const { tasks } = await call(project.reopen(), 'task_list');
    expect((tasks as { title: string }[]).map(({ title }) => title)).toEqual(texts);
  });

  it('adds to a file that it wrote itself, one that others wrote, and one that is laid out otherwise, alike', async () => {
    const layouts = [
      '{"tasks":[]}',
      '{"goal":"g","decisions":[],"tasks":[{"id":1,"title":"x","status":"pending"}],"after":{"ä":1}}',
      '{\r\n\t"tasks" : [\r\n\t\t{"id":1,"title":"x","status":"pending"}\r\n\t] ,\r\n "goal":"g"}',
      '{}',
    ];
    for (const layout of layouts) {
      project.write(TASKS, layout);
      const before = JSON.parse(layout) as { tasks?: unknown[] };
      const added = [
        (await add()).task,
        (await add()).task,
        (await call(project.reopen(), 'task_add', { title: 'T', context: 'C' })).task,
      ];
      expect(project.json(TASKS)).toEqual({ ...before, tasks: [...(before.tasks ?? []), ...added] });
    }
  });
});

describe('task_update', () => {
  it('allows every transition and changes nothing but the status', async () => {
    const { task } = await add({ owner: 'lead' });
    for (const status of [
      'completed',
      'pending',
      'in_progress',
      'in_progress',
      'pending',
      'completed',
      'in_progress',
    ]) {
      expect(await update(1, status)).toEqual({ task: { ...(task as object), status } });
      expect(project.json(TASKS)).toMatchObject({ tasks: [{ ...(task as object), status }] });
    }
  });

  it('says exactly what is missing', async () => {
    expect((await failureOf(update(1, 'completed'))).message).toBe('tasks.json not found');
    await add();
    expect((await failureOf(update(999, 'completed'))).message).toBe('Task id 999 not found');
    expect((await failureOf(update(1, 'done'))).code).toBe('INPUT_INVALID');
  });

  it('keeps what it does not know, in the task and around it, to the letter', async () => {
    project.write(
      TASKS,
      '{"version":1.0,"tasks":[{"id":1,"big":12345678901234567890,"status":"pending","__proto__":{"x":1},"title":"a","nested":{"f":1e400}},{"id":2,"title":"b","status":"pending","z":0.10}],"x":1E2}',
    );
    await update(1, 'completed');
    const text = project.text(TASKS);
    for (const kept of [
      '"version": 1.0',
      '12345678901234567890',
      '"__proto__": {"x":1}',
      '{"f":1e400}',
      '{"id":2,"title":"b","status":"pending","z":0.10}',
      '"x": 1E2',
    ]) {
      expect(text).toContain(kept);
    }
    expect(text.indexOf('"big"')).toBeLessThan(text.indexOf('"status"'));
  });

  it('refuses an id that two tasks have, and works on the others', async () => {
    const task = (id: number): object => ({ id, title: 'x', status: 'pending' });
    project.write(TASKS, { tasks: [task(1), task(2), task(1)] });
    const before = project.text(TASKS);
    expect((await failureOf(update(1, 'completed'))).code).toBe('STATE_DUPLICATE_ID');
    expect(project.text(TASKS)).toBe(before);
    expect(await update(2, 'completed')).toMatchObject({ task: { status: 'completed' } });
  });

  it('does not write over what somebody wrote in the middle of it', async () => {
    await add();
    const theirs = '{"goal":"theirs","decisions":[],"tasks":[{"id":1,"title":"theirs","status":"pending"}]}';
    // Somebody without our lock: right before our new file takes its place.
    const workspace = project.reopen({
      fs: {
        ...project.workspace.fs,
        fsyncSync: (descriptor) => {
          project.write(TASKS, theirs);
          project.workspace.fs.fsyncSync(descriptor);
        },
      },
    });
    const failure = await failureOf(call(workspace, 'task_update', { id: 1, status: 'completed' }));
    expect([failure.code, failure.message.includes(TASKS)]).toEqual(['FILE_CHANGED', true]);
    expect(project.text(TASKS)).toBe(theirs);
    expect(await update(1, 'completed')).toMatchObject({ task: { title: 'theirs', status: 'completed' } });
  });
});

describe('task_list', () => {
  it('says that there are no tasks, and makes nothing', async () => {
    expect(await call(project.workspace, 'task_list')).toEqual({ exists: false });
    expect(project.has('.nexus')).toBe(false);
  });

  it('gives all tasks and counts them as the contract does', async () => {
    await add({ goal: 'G' });
    await add({ deps: [1] });
    await add({ deps: [77] });
    await add();
    await update(1, 'completed');
    await update(4, 'in_progress');
    const { goal, tasks, summary } = await call(project.workspace, 'task_list');
    expect(goal).toBe('G');
    expect(tasks).toEqual((project.json(TASKS) as { tasks: unknown[] }).tasks);
    expect(summary).toEqual({ total: 4, completed: 1, pending: 2, blocked: 1, ready: [2] });
  });

  it('reads tasks of later releases', async () => {
    project.write(TASKS, {
      tasks: [{ id: 1, title: 'x', status: 'pending', owner: { role: 'engineer', resume_tier: 'bounded' } }],
    });
    expect(await call(project.workspace, 'task_list')).toMatchObject({ goal: '', summary: { ready: [1] } });
  });

  it('answers with the readable beginning of a file that is cut off', async () => {
    await add({ goal: 'G', decisions: ['d'] });
    await add();
    const text = project.text(TASKS);
    project.write(TASKS, text.slice(0, text.lastIndexOf('"context"')));
    expect(await call(project.workspace, 'task_list')).toMatchObject({
      goal: 'G',
      tasks: [{ id: 1 }],
      summary: { total: 1 },
    });
  });
});

describe('summariseTasks', () => {
  const task = (id: number, deps: number[], status: 'pending' | 'in_progress' | 'completed' = 'pending') => ({
    id,
    title: 'x',
    status,
    deps,
  });

  it.each([
    ['itself', [task(1, [1])], []],
    ['a circle', [task(1, [2]), task(2, [3]), task(3, [1])], []],
    ['what is missing', [task(1, [2])], []],
    [
      'one of a pair of equal ids, if it is done',
      [task(1, [], 'completed'), task(1, []), task(2, [1])],
      [1, 2],
    ],
    ['what is done', [task(1, [], 'completed'), task(2, [1, 1])], [2]],
    ['what is in progress', [task(1, [], 'in_progress'), task(2, [1])], []],
  ])('knows whether a task is ready that waits for %s', (_name, tasks, ready) => {
    expect(summariseTasks(tasks).ready).toEqual(ready);
  });

  it('lists ready tasks in the order of the file', () => {
    expect(summariseTasks([task(9, []), task(3, []), task(5, [])]).ready).toEqual([9, 3, 5]);
  });
});
