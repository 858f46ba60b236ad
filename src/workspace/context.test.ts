import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';

import { call, newStateProject, type StateProject, TASKS } from '../../test/support/state-project.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const context = (): Promise<Record<string, unknown>> => call(project.workspace, 'context');

describe('context', () => {
  it('says that nothing is under way, and makes nothing', async () => {
    expect(await context()).toEqual({ branch: 'unknown', activeMode: null, decisions: [] });
    expect(project.has('.nexus')).toBe(false);
  });

  it('does not look at the plan', async () => {
    await call(project.workspace, 'plan_start', { topic: 't', issues: ['i'], research_summary: '' });
    expect(await context()).toEqual({ branch: 'unknown', activeMode: null, decisions: [] });
  });

  it('shows branch, goal, progress and decisions while there are tasks', async () => {
    execFileSync('git', ['init', '-q', '-b', 'topic', project.root]);
    const add = (input: object = {}): Promise<unknown> =>
      call(project.workspace, 'task_add', { title: 'x', context: 'y', ...input });
    await add({ goal: 'G', decisions: ['a', 'b'] });
    await add();
    await add();
    await call(project.workspace, 'task_update', { id: 1, status: 'completed' });
    await call(project.workspace, 'task_update', { id: 2, status: 'in_progress' });
    expect(await context()).toEqual({
      branch: 'topic',
      activeMode: 'team',
      goal: 'G',
      // One in progress is counted in the total alone.
      tasksSummary: { total: 3, completed: 1, pending: 1 },
      decisions: ['a', 'b'],
    });
  });

  it('gives empty values for what a file of another release lacks', async () => {
    project.write(TASKS, { tasks: [] });
    expect(await context()).toEqual({
      branch: 'unknown',
      activeMode: 'team',
      goal: '',
      tasksSummary: { total: 0, completed: 0, pending: 0 },
      decisions: [],
    });
  });

  it('takes a file of which nothing can be read for none, and one that is cut off for what is there', async () => {
    project.write(TASKS, 'nonsense');
    expect(await context()).toEqual({ branch: 'unknown', activeMode: null, decisions: [] });
    project.write(TASKS, '{"goal":"G","decisions":["d"],"tasks":[{"id":1,"title":"x","status":"pending"},{');
    expect(await context()).toMatchObject({
      activeMode: 'team',
      goal: 'G',
      tasksSummary: { total: 1 },
      decisions: ['d'],
    });
  });
});
