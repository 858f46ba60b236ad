import { beforeAll, describe, expect, it } from 'vitest';

import { faultyFileSystem, quickFileSystem as fs } from '../../test/support/state-fault-fs.ts';
import { call, newStateProject, type StateProject, treeOf } from '../../test/support/state-project.ts';
import { readAllAgents, recordAgentSpawn } from './agent-tracker.ts';
import { glanceAtPlan, glanceAtTasks } from './glance.ts';
import { readStatus } from './status.ts';
import type { Workspace } from './workspace.ts';

/* Whatever the system refuses, who only reads gets an answer, and nothing is changed. */

const READS: Readonly<Record<string, (workspace: Workspace) => unknown>> = {
  plan_status: (workspace) => call(workspace, 'plan_status'),
  task_list: (workspace) => call(workspace, 'task_list'),
  history_search: (workspace) => call(workspace, 'history_search'),
  context: (workspace) => call(workspace, 'context'),
  status: (workspace) => readStatus(workspace),
  agents: (workspace) => readAllAgents(workspace),
  glance: (workspace) => [glanceAtPlan(workspace), glanceAtTasks(workspace)],
};

let project: StateProject;
beforeAll(async () => {
  project = newStateProject({ fs });
  const { workspace } = project;
  await call(workspace, 'task_close');
  await call(workspace, 'plan_start', { topic: 't', issues: ['i'], research_summary: '' });
  await call(workspace, 'task_add', { title: 'x', context: 'y' });
  await recordAgentSpawn(workspace, { harness_id: 'claude-nexo', agent_id: 'a' });
});

describe.each(Object.entries(READS))('%s', (_name, read) => {
  it('answers whichever call fails, and answers whole when none does', async () => {
    const whole = await read(project.reopen({ fs }));
    const counted = faultyFileSystem();
    await read(project.reopen({ fs: counted.fs }));
    const before = treeOf(project.root);
    for (let at = 0; at < counted.calls.length; at += 1) {
      for (const fault of ['EACCES', 'EIO'] as const) {
        const faulty = faultyFileSystem({ at, with: fault });
        const workspace = project.reopen({ fs: faulty.fs });
        expect(await read(workspace)).toBeTypeOf('object');
        // What failed once is not remembered.
        expect(await read({ ...workspace, fs })).toEqual(whole);
      }
    }
    expect(treeOf(project.root)).toEqual(before);
    expect(counted.calls.length).toBeGreaterThan(0);
  });
});
