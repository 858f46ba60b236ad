import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import {
  call,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
  treeOf,
} from '../../test/support/state-project.ts';
import { recordAgentComplete, recordAgentSpawn } from './agent-tracker.ts';
import { readStatus, type WorkspaceStatus } from './status.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const status = (): Promise<WorkspaceStatus> => readStatus(project.workspace);
const add = (input: object = {}): Promise<unknown> =>
  call(project.workspace, 'task_add', { title: 'x', context: 'y', ...input });
const warningCodes = async (): Promise<string[]> => (await status()).warnings.map(({ code }) => code);

describe('readStatus', () => {
  it('shows that there is nothing yet, and makes nothing', async () => {
    expect(await status()).toEqual({
      root: project.root,
      branch: 'unknown',
      initialised: false,
      plan: null,
      goal: '',
      tasks: [],
      summary: null,
      history: { total: 0, recent: [] },
      agents: [],
      warnings: [],
    });
    expect(project.has('.nexus')).toBe(false);
  });

  it('shows plan, tasks, history and agents at one glance', async () => {
    execFileSync('git', ['init', '-q', '-b', 'main', project.root]);
    for (let n = 0; n < 4; n += 1) await call(project.workspace, 'task_close');
    await call(project.workspace, 'plan_start', {
      topic: 'Cache',
      issues: ['One', 'Two'],
      research_summary: '',
    });
    await call(project.workspace, 'plan_decide', { issue_id: 1, decision: 'LRU' });
    await add({ goal: 'G', owner: 'engineer' });
    await add({ deps: [1, 9] });
    await add({ deps: [1] });
    await add();
    await call(project.workspace, 'task_update', { id: 1, status: 'completed' });
    await call(project.workspace, 'task_update', { id: 4, status: 'in_progress' });
    await recordAgentSpawn(project.workspace, { harness_id: 'claude-nexo', agent_id: 'a-1' });
    await recordAgentSpawn(project.workspace, { harness_id: 'codex-nexo', agent_id: 'b-1' });
    await recordAgentComplete(project.workspace, { harness_id: 'codex-nexo', agent_id: 'b-1' });
    const seen = await readStatus(project.workspace, { recent: 2 });
    expect(seen).toMatchObject({
      branch: 'main',
      initialised: true,
      plan: {
        id: 1,
        topic: 'Cache',
        issues: [
          { id: 1, status: 'decided', decision: 'LRU' },
          { id: 2, status: 'pending' },
        ],
      },
      goal: 'G',
      summary: { total: 4, completed: 1, pending: 2, blocked: 1, ready: [3] },
      history: { total: 4 },
      warnings: [],
    });
    expect(seen.tasks).toEqual([
      { id: 1, title: 'x', state: 'completed', deps: [], waitsFor: [], owner: 'engineer' },
      { id: 2, title: 'x', state: 'blocked', deps: [1, 9], waitsFor: [9] },
      { id: 3, title: 'x', state: 'ready', deps: [1], waitsFor: [] },
      { id: 4, title: 'x', state: 'in_progress', deps: [], waitsFor: [] },
    ]);
    expect(seen.history.recent).toHaveLength(2);
    expect(
      seen.agents.map(({ harnessId, agents }) => [harnessId, agents.map((agent) => agent.status)]),
    ).toEqual([
      ['claude-nexo', ['running']],
      ['codex-nexo', ['completed']],
    ]);
  });

  it('reads only', async () => {
    await add();
    const before = treeOf(project.root);
    await readStatus(project.reopen());
    expect(treeOf(project.root)).toEqual(before);
  });

  it('names an owner in the shape of later releases', async () => {
    project.write(TASKS, {
      tasks: [
        { id: 1, title: 'x', status: 'pending', owner: { role: 'tester' } },
        { id: 2, title: 'y', status: 'pending', owner: [] },
      ],
    });
    const { tasks } = await status();
    expect(tasks.map(({ owner }) => owner)).toEqual(['tester', undefined]);
  });

  it('reminds of a cycle whose tasks are all completed', async () => {
    await add();
    expect(await warningCodes()).toEqual([]);
    await call(project.workspace, 'task_update', { id: 1, status: 'completed' });
    expect(await warningCodes()).toEqual(['CYCLE_NOT_CLOSED']);
  });

  it('tells a plan that cannot be read from no plan, and each damaged file from the others', async () => {
    for (const file of [PLAN, TASKS, HISTORY, '.nexus/state/claude-nexo/agent-tracker.json'])
      project.write(file, '{bad');
    const { warnings, plan } = await status();
    expect(plan).toBeNull();
    expect(warnings).toHaveLength(4);
    for (const warning of warnings) {
      expect(warning).toMatchObject({ code: 'STATE_DAMAGED', hint: expect.stringContaining('nexo repair') });
    }
  });

  it('says that an archive could not be finished, while the history cannot be read', async () => {
    await add();
    const counted = faultyFileSystem();
    await call(newStateProject({}, project).reopen({ fs: counted.fs }), 'task_close');
    const at = counted.calls.flatMap(({ name }, index) => (name === 'renameSync' ? [index] : []))[1];
    await call(
      project.reopen({ fs: faultyFileSystem({ at: at ?? -1, with: 'cut' }).fs }),
      'task_close',
    ).catch(() => {});
    project.write(HISTORY, '');
    expect(await warningCodes()).toEqual(expect.arrayContaining(['STATE_DAMAGED', 'ARCHIVE_UNFINISHED']));
  });

  it('answers although folders cannot be listed and git is odd', async () => {
    project.write('.git', 'gitdir: nowhere\n');
    project.write('.nexus/state', 'a file');
    mkdirSync(project.path('.nexus/history.json'));
    expect(await status()).toMatchObject({ branch: 'unknown', initialised: true, tasks: [] });
    expect(await warningCodes()).toEqual(['PATH_NOT_A_FILE', 'STATE_DAMAGED']);
  });
});
