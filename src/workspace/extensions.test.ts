import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  newStateProject,
  type StateProject,
  TASKS,
} from '../../test/support/state-project.ts';
import { readExtension, settleExtensions, writeExtension } from './extensions.ts';

const PLAN_EXTENSION = '.nexus/state/claude-nexo/plan.extension.json';
const TASKS_EXTENSION = '.nexus/state/claude-nexo/tasks.extension.json';

let project: StateProject;
beforeEach(() => {
  project = newStateProject({ harnessId: 'claude-nexo' });
});

const planExtension = (id = 1, issues: object = { 2: { priority: 'high' } }): object => ({
  extends: 'plan.schema.json',
  harness_id: 'claude-nexo',
  extension_for_plan_id: id,
  issue_extensions: issues,
});
const tasksExtension = {
  extends: 'conformance/state-schemas/tasks.schema.json',
  task_extensions: { 1: { estimate: 3 } },
};
const start = (): Promise<unknown> =>
  call(project.workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' });
const add = (): Promise<unknown> => call(project.workspace, 'task_add', { title: 'x', context: 'y' });

describe('an extension', () => {
  it('is written beside the file that it extends, read back, and replaced', async () => {
    await start();
    await add();
    await writeExtension(project.workspace, 'plan', planExtension());
    await writeExtension(project.workspace, 'tasks', tasksExtension);
    expect(project.json(PLAN_EXTENSION)).toEqual(planExtension());
    expect(readExtension(project.workspace, 'tasks')).toEqual(tasksExtension);
    await writeExtension(project.workspace, 'plan', planExtension(1, {}));
    expect(readExtension(project.workspace, 'plan')).toEqual(planExtension(1, {}));
    expect(readExtension(project.reopen({ harnessId: 'codex-nexo' }), 'plan')).toBeUndefined();
  });

  it.each([
    ['another plan', () => planExtension(2)],
    ['a common field', () => planExtension(1, { 2: { status: 'decided' } })],
    ['an issue that is no number', () => planExtension(1, { x: {} })],
    ['another schema', () => ({ ...planExtension(), extends: 'tasks.schema.json' })],
    ['nothing', () => undefined],
    ['a list', () => []],
  ])('for %s is refused, and none is written', async (_name, make) => {
    await start();
    expect((await failureOf(writeExtension(project.workspace, 'plan', make()))).code).toBe('INPUT_INVALID');
    expect(project.has(PLAN_EXTENSION)).toBe(false);
  });

  it('is refused without the file that it would extend', async () => {
    expect((await failureOf(writeExtension(project.workspace, 'plan', planExtension()))).code).toBe(
      'INPUT_INVALID',
    );
    expect((await failureOf(writeExtension(project.workspace, 'tasks', tasksExtension))).code).toBe(
      'INPUT_INVALID',
    );
  });

  it('ends with the plan or the tasks', async () => {
    await start();
    await add();
    await writeExtension(project.workspace, 'plan', planExtension());
    await writeExtension(project.workspace, 'tasks', tasksExtension);
    await start();
    expect([project.has(PLAN_EXTENSION), project.has(TASKS_EXTENSION)]).toEqual([false, true]);
    await writeExtension(project.workspace, 'plan', planExtension(2));
    await call(project.workspace, 'task_close');
    expect([project.has(PLAN_EXTENSION), project.has(TASKS_EXTENSION)]).toEqual([false, false]);
  });

  it('of another harness is not touched, and is settled by that harness itself', async () => {
    await add();
    await writeExtension(project.workspace, 'tasks', tasksExtension);
    const other = project.reopen({ harnessId: 'codex-nexo' });
    await call(other, 'task_close');
    expect(project.has(TASKS_EXTENSION)).toBe(true);
    await settleExtensions(other);
    expect(project.has(TASKS_EXTENSION)).toBe(true);
    await settleExtensions(project.workspace);
    expect(project.has(TASKS_EXTENSION)).toBe(false);
  });

  it('that cannot be read stays as long as the file it extends, and is no extension', async () => {
    await add();
    for (const broken of ['', '{', '{"extends":"tasks.schema.json"}', 'null']) {
      project.write(TASKS_EXTENSION, broken);
      expect(readExtension(project.workspace, 'tasks')).toBeUndefined();
      await settleExtensions(project.workspace);
      expect(project.text(TASKS_EXTENSION)).toBe(broken);
    }
    await call(project.workspace, 'task_close');
    expect(project.has(TASKS_EXTENSION)).toBe(false);
  });

  it('never stands in the way of closing', async () => {
    await add();
    mkdirSync(project.path(TASKS_EXTENSION), { recursive: true });
    mkdirSync(project.path(PLAN_EXTENSION));
    expect(await call(project.workspace, 'task_close')).toMatchObject({ closed: true });
    await add();
    project.write('.nexus/state/claude-nexo/other.json', '');
    project.write(TASKS, 'damaged');
    await settleExtensions(project.workspace);
    expect(project.has(TASKS_EXTENSION)).toBe(true);
  });
});
