import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { git, nexoJson, runNexo, temporaryFolder } from '../support/run-nexo.ts';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('a whole cycle in the shell, as JSON', () => {
  let project: string;
  const nexo = (...args: string[]) => nexoJson(args, { cwd: project });

  beforeAll(async () => {
    project = temporaryFolder();
    await git(project, 'init', '--quiet');
  });

  it('starts with nothing and says so', async () => {
    expect(await nexo('plan', 'status')).toEqual({ active: false });
    expect(await nexo('task', 'list')).toEqual({ exists: false });
    expect(await nexo('history', 'search')).toEqual({ total: 0, showing: 0, cycles: [] });
    expect(await nexo('context')).toEqual({ branch: 'main', activeMode: null, decisions: [] });
    expect(existsSync(join(project, '.nexus'))).toBe(false);
  });

  it('makes the workspace once, and says the second time that there was nothing to make', async () => {
    expect(await nexo('init')).toEqual({
      root: project,
      created: ['.nexus/memory/', '.nexus/context/', '.nexus/rules/', '.nexus/state/', '.nexus/.gitignore'],
      mergeDriver: 'missing',
      changed: [],
    });
    expect(await nexo('init')).toEqual({ root: project, created: [], mergeDriver: 'missing', changed: [] });
  });

  it('plans and decides', async () => {
    const started = await nexo(
      ...['plan', 'start', '--topic', 'Cache', '--issue', 'Eviction', '--issue', 'Size'],
      ...['--research-summary', 'Read the module'],
    );
    expect(started).toEqual({
      created: true,
      plan_id: 1,
      topic: 'Cache',
      issueCount: 2,
      previousArchived: false,
    });
    expect(await nexo('plan', 'update', '--action', 'add', '--title', 'Who clears it?')).toEqual({
      added: true,
      issue: { id: 3, title: 'Who clears it?', status: 'pending' },
    });
    expect(await nexo('plan', 'update', '--action', 'remove', '--issue-id', '3')).toMatchObject({
      removed: true,
    });
    const decided = await nexo(
      ...[
        'plan',
        'decide',
        '--issue-id',
        '1',
        '--decision',
        'LRU',
        '--how-agent',
        'architect',
        '--how-agent',
        'tester',
      ],
      ...['--how-summary', 'architect=fits the skew', '--how-agent-id', 'architect=a-91'],
    );
    expect(decided).toEqual({
      decided: true,
      issue: 'Eviction',
      allComplete: false,
      remaining: [{ id: 2, title: 'Size', status: 'pending' }],
    });
    expect(await nexo('plan', 'status')).toEqual({
      active: true,
      plan_id: 1,
      topic: 'Cache',
      issues: [
        {
          id: 1,
          title: 'Eviction',
          status: 'decided',
          decision: 'LRU',
          how_agents: ['architect', 'tester'],
          how_summary: { architect: 'fits the skew' },
          how_agent_ids: { architect: 'a-91' },
        },
        { id: 2, title: 'Size', status: 'pending' },
      ],
      research_summary: 'Read the module',
      summary: { total: 2, pending: 1, decided: 1 },
    });
  });

  it('adds tasks with every parameter of the contract', async () => {
    expect(await nexo('task', 'add', '--title', 'First', '--context', 'c')).toEqual({
      task: { id: 1, title: 'First', context: 'c', status: 'pending', deps: [], created_at: time },
    });
    const second = await nexo(
      ...[
        'task',
        'add',
        '--title',
        'Second',
        '--context',
        'c',
        '--dep',
        '1',
        '--approach',
        'a',
        '--acceptance',
        'b',
      ],
      ...['--risk', 'r', '--plan-issue', '1', '--goal', 'g', '--decision', 'd1', '--decision', 'd2'],
      ...['--owner', 'engineer', '--owner-agent-id', 'e-1', '--owner-reuse-policy', 'resume'],
    );
    expect(second).toEqual({
      task: {
        id: 2,
        title: 'Second',
        context: 'c',
        approach: 'a',
        acceptance: 'b',
        risk: 'r',
        plan_issue: 1,
        owner: 'engineer',
        owner_agent_id: 'e-1',
        owner_reuse_policy: 'resume',
        status: 'pending',
        deps: [1],
        created_at: time,
      },
    });
    expect(await nexo('context')).toEqual({
      branch: 'main',
      activeMode: 'team',
      goal: 'g',
      tasksSummary: { total: 2, completed: 0, pending: 2 },
      decisions: ['d1', 'd2'],
    });
  });

  it('shows in status what the tools know', async () => {
    await nexo('task', 'update', '--id', '1', '--status', 'completed');
    expect(await nexo('status')).toMatchObject({
      root: project,
      rootSource: 'nexus-folder',
      branch: 'main',
      plan: { id: 1, topic: 'Cache' },
      goal: 'g',
      tasks: [
        { id: 1, state: 'completed' },
        { id: 2, state: 'ready', owner: 'engineer' },
      ],
      history: { total: 0, recent: [] },
      warnings: [],
    });
  });

  it('closes, and finds it again', async () => {
    expect(await nexo('task', 'close')).toEqual({
      closed: true,
      cycle: time,
      branch: 'main',
      archived: { plan: true, decisions: 1, tasks: 2 },
      deleted: ['plan.json', 'tasks.json'],
      total_cycles: 1,
      memoryHint: { taskCount: 2, decisionCount: 1, cycleTopics: ['Cache', 'g'] },
    });
    const found = {
      total: 1,
      showing: 1,
      cycles: [
        {
          completed_at: time,
          branch: 'main',
          topic: 'Cache',
          decisions: [{ title: 'Eviction', decision: 'LRU' }],
          task_count: 2,
        },
      ],
    };
    expect(await nexo('history', 'search', '--query', 'LRU')).toEqual(found);
    expect(await nexo('history', 'search', '--query', 'nothing of the kind')).toMatchObject({ total: 0 });
    expect(await nexo('history', 'search', '--last-n', '0')).toMatchObject({ total: 1, showing: 0 });
  });

  it('stores an artifact from a file and from standard input, byte for byte', async () => {
    const text = 'Größe 漢字\r\n\ufeffdone';
    const stored = await runNexo(['artifact', 'write', '--filename', 'reports/a.md', '--json'], {
      cwd: project,
      input: text,
    });
    const path = join(project, '.nexus/state/artifacts/reports/a.md');
    expect(JSON.parse(stored.stdout)).toEqual({ success: true, path });
    expect(readFileSync(path, 'utf8')).toBe(text);
    await nexo('artifact', 'write', '--filename', 'b.json', '--file', '.nexus/history.json');
    expect(readFileSync(join(project, '.nexus/state/artifacts/b.json'), 'utf8')).toBe(
      readFileSync(join(project, '.nexus/history.json'), 'utf8'),
    );
  });
});
