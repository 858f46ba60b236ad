import { describe, expect, it } from 'vitest';

import { printable } from './printable.ts';
import { renderStatus, type ShownStatus } from './status.ts';
import { createView } from './view.ts';
import { displayWidth } from './width.ts';

const terminal = (columns: number) =>
  createView({ isTerminal: true, columns, write: () => {} }, { NO_COLOR: '1' });

const empty: ShownStatus = {
  root: '/home/ada/project',
  rootSource: 'git',
  branch: 'main',
  initialised: false,
  plan: null,
  goal: '',
  tasks: [],
  summary: null,
  history: { total: 0, recent: [] },
  agents: [],
  runs: [],
  warnings: [],
  now: Date.parse('2026-11-21T10:00:00.000Z'),
};

const busy: ShownStatus = {
  ...empty,
  rootSource: 'nexus-folder',
  initialised: true,
  plan: {
    id: 4,
    topic: 'Cache layer',
    issues: [
      { id: 1, title: 'Eviction policy', status: 'decided', decision: 'LRU, ten thousand entries' },
      { id: 2, title: 'Invalidation signal', status: 'pending' },
    ],
  },
  goal: 'One read a key',
  tasks: [
    { id: 1, title: 'Read the module', state: 'completed', deps: [], waitsFor: [] },
    { id: 2, title: 'Write the cache', state: 'in_progress', deps: [1], waitsFor: [], owner: 'engineer' },
    { id: 3, title: 'Measure it', state: 'blocked', deps: [2], waitsFor: [2] },
    { id: 4, title: 'Write the notes', state: 'ready', deps: [1], waitsFor: [] },
  ],
  summary: { total: 4, completed: 1, pending: 2, blocked: 1, ready: [4] },
  history: {
    total: 12,
    recent: [
      {
        completed_at: '2026-11-20T08:15:30.000Z',
        branch: 'main',
        topic: 'Storage module',
        decisions: [{ title: 'Format', decision: 'JSON' }],
        task_count: 5,
      },
    ],
  },
  agents: [
    {
      harnessId: 'codex-nexo',
      agents: [
        {
          harness_id: 'codex-nexo',
          agent_name: 'engineer',
          agent_id: 'thread_1',
          started_at: '2026-11-21T09:30:00.000Z',
          status: 'running',
        },
        {
          harness_id: 'codex-nexo',
          agent_name: 'tester',
          started_at: '2026-11-21T09:00:00.000Z',
          status: 'completed',
        },
      ],
    },
  ],
  warnings: [{ code: 'CYCLE_NOT_CLOSED', message: 'Something is open.', hint: 'Run `nexo task close`.' }],
};

describe('renderStatus', () => {
  it('says where it looked, and what to do, when there is no workspace', () => {
    expect(renderStatus(empty, terminal(80))).toBe(
      [
        '/home/ada/project',
        'top of the git repository · branch main',
        'No workspace here yet. nexo init makes one; so does the first plan or task.',
      ].join('\n'),
    );
  });

  it('shows everything at one glance', () => {
    expect(renderStatus(busy, terminal(80))).toBe(
      [
        '/home/ada/project',
        'holds .nexus/ · branch main',
        '',
        'Plan 4  Cache layer',
        '1 of 2 decided',
        '  ✓ 1 Eviction policy',
        '      → LRU, ten thousand entries',
        '  ○ 2 Invalidation signal',
        '',
        'Tasks  One read a key',
        '1 of 4 done · 1 in progress · 1 ready',
        '  ✓ 1 Read the module',
        '  ├─ ▸ 2 Write the cache  in progress · engineer',
        '  │  └─ ◌ 3 Measure it  waits for 2',
        '  └─ ○ 4 Write the notes  ready',
        '',
        'Agents  1 running',
        '  ▸ engineer  codex-nexo · for 30 min · thread_1',
        '',
        'History  12 cycles closed',
        '  2026-11-20 08:15  Storage module',
        '                    main · 1 decision · 5 tasks',
        '',
        '! Something is open.',
        '  Run `nexo task close`.',
      ].join('\n'),
    );
  });

  it.each([40, 60, 80])('stays within %i columns whatever the files hold', (columns) => {
    const long = 'a very long text that goes on and on 漢字 '.repeat(8);
    const wide: ShownStatus = {
      ...busy,
      branch: long,
      goal: long,
      plan: { id: 1, topic: long, issues: [{ id: 100, title: long, status: 'decided', decision: long }] },
      tasks: busy.tasks.map((task) => ({ ...task, title: long, owner: long })),
      history: { total: 1, recent: [{ completed_at: long, branch: long, topic: long, task_count: 1 }] },
      warnings: [{ code: 'X', message: long, hint: long }],
    };
    for (const line of renderStatus(printable(wide), terminal(columns)).split('\n')) {
      expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('shows what goes on first when there are thousands of tasks', () => {
    const tasks = Array.from({ length: 3000 }, (_, at) => ({
      id: at + 1,
      title: `Task ${at + 1}`,
      state: at === 2999 ? ('in_progress' as const) : ('completed' as const),
      deps: [],
      waitsFor: [],
    }));
    const summary = { total: 3000, completed: 2999, pending: 0, blocked: 1, ready: [] };
    const lines = renderStatus({ ...busy, tasks, summary }, terminal(80)).split('\n');
    expect(lines).toContain('  ▸ 3000 Task 3000  in progress');
    expect(lines).toContain('  and 2970 more: nexo task list');
    expect(lines.length).toBeLessThan(60);
  });

  it('colours nothing but what a mark or a word says as well', () => {
    const coloured = createView({ isTerminal: true, columns: 80, write: () => {} }, { FORCE_COLOR: '1' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are what is taken out
    const stripped = renderStatus(busy, coloured).replace(/\u001b\[\d+m/g, '');
    expect(stripped).toBe(renderStatus(busy, terminal(80)));
  });

  it('shows the runs that go on in the project, of every backend', () => {
    const runs = [{ id: 'r1', caller: 'subagent/engineer', backend: 'codex', startedAt: null }];
    expect(renderStatus({ ...empty, runs }, terminal(80))).toContain('subagent/engineer  codex');
  });
});
