import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';

import { BREAKAGES } from '../../test/support/state-broken.ts';
import { call, newStateProject, PLAN, type StateProject, TASKS } from '../../test/support/state-project.ts';
import { glanceAtPlan, glanceAtTasks } from './glance.ts';
import { summariseTasks } from './tasks.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

describe('a glance', () => {
  it('sees nothing where there is nothing', () => {
    expect([glanceAtPlan(project.workspace), glanceAtTasks(project.workspace)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('sees what the tools wrote', async () => {
    await call(project.workspace, 'plan_start', { topic: 'T', issues: ['a', 'b'], research_summary: '' });
    await call(project.workspace, 'plan_decide', { issue_id: 2, decision: 'x' });
    await call(project.workspace, 'task_add', { title: 'x', context: 'c', goal: 'G', owner: 'lead' });
    await call(project.workspace, 'task_add', { title: 'y', context: 'c', deps: [1] });
    await call(project.workspace, 'task_update', { id: 1, status: 'completed' });
    expect(glanceAtPlan(project.workspace)).toEqual({
      topic: 'T',
      issues: [
        { id: 1, title: 'a', decided: false },
        { id: 2, title: 'b', decided: true },
      ],
    });
    expect(glanceAtTasks(project.workspace)).toEqual({
      goal: 'G',
      tasks: [
        { id: 1, title: 'x', status: 'completed', deps: [], owner: 'lead' },
        { id: 2, title: 'y', status: 'pending', deps: [1], owner: undefined },
      ],
      ready: [2],
      completed: 1,
    });
  });

  it('counts as the tools do', () => {
    const status = fc.constantFrom('pending' as const, 'in_progress' as const, 'completed' as const);
    const id = fc.integer({ min: 1, max: 6 });
    const tasks = fc.array(fc.record({ id, title: fc.string(), status, deps: fc.array(id) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(tasks, (list) => {
        project.write(TASKS, { tasks: list });
        const { ready, completed } = summariseTasks(list);
        expect(glanceAtTasks(project.workspace)).toMatchObject({ ready, completed });
      }),
      { numRuns: 50 },
    );
  });

  it.each(BREAKAGES)('tells a file from none: $name', ({ apply }) => {
    project.write(PLAN, { id: 1, topic: 't', issues: [{ id: 1, title: 'i', status: 'pending' }] });
    project.write(TASKS, { goal: 'g', decisions: [], tasks: [{ id: 1, title: 'i', status: 'pending' }] });
    for (const file of [PLAN, TASKS]) apply(project.path(file), project.text(file));
    expect([glanceAtPlan(project.workspace), glanceAtTasks(project.workspace)]).toEqual([
      'damaged',
      'damaged',
    ]);
  });
});
