import { describe, expect, it } from 'vitest';

import { emptyState, planWith, tasksWith } from '../../test/support/hook-state.ts';
import { decide } from './decide.ts';
import type { HookEvent, ToolUse } from './events.ts';

const base = { cwd: '/p', sessionId: 's', agent: undefined };
const engineer = { name: 'engineer', id: 'a-1' };
const edit: ToolUse = { tool: 'Edit', input: {}, kind: 'edit', files: ['/p/src/a.ts'] };

describe('session', () => {
  it.each([
    ['startup', false],
    ['clear', false],
    ['resume', true],
    ['fork', true],
  ] as const)('source %s keeps the tracker: %s', (source, keepTracker) => {
    expect(decide({ ...base, name: 'session-start', source }, emptyState)).toEqual([
      { kind: 'begin-session', keepTracker },
    ]);
  });

  it('does not begin anew after compaction, but tells the state again', () => {
    const effects = decide(
      { ...base, name: 'session-start', source: 'compact' },
      { ...emptyState, plan: planWith(['A']) },
    );
    expect(effects.map(({ kind }) => kind)).toEqual(['inform-model']);
  });

  it('names the earlier cycle that is still open', () => {
    const state = { ...emptyState, plan: planWith(['A']), tasks: tasksWith([{ id: 1 }]) };
    expect(decide({ ...base, name: 'session-start', source: 'startup' }, state)).toContainEqual({
      kind: 'inform-person',
      text: 'Nexo: an earlier cycle is still open: the plan "Cache layer", 1 open of 1 tasks.',
    });
  });

  it('ends with a reminder to close when all is done', () => {
    const state = { ...emptyState, tasks: tasksWith([{ id: 1, status: 'completed' }]) };
    const effects = decide({ ...base, name: 'session-end' }, state);
    expect(effects[0]).toEqual({ kind: 'end-session' });
    expect(JSON.stringify(effects[1])).toContain('nexo task close');
  });
});

describe('subagents', () => {
  const spawn: HookEvent = { ...base, name: 'subagent-spawn', spawned: engineer };
  const knowledge = [{ path: '.nexus/memory/flaky-tests.md', headline: 'Flaky tests', modifiedMs: 1 }];

  it('tracks a new one and tells it the notes and its rules', () => {
    const [track, tell] = decide(spawn, { ...emptyState, knowledge, roleRules: 'Use tabs.' });
    expect(track).toEqual({ kind: 'track-spawn', agent: engineer });
    expect(JSON.stringify(tell)).toContain('.nexus/memory/flaky-tests.md: Flaky tests');
    expect(JSON.stringify(tell)).toContain('Rules of this project for engineer');
  });

  it('counts a known one as resumed and does not tell it again', () => {
    expect(decide(spawn, { ...emptyState, knowledge, isResumed: true })).toEqual([
      { kind: 'track-resume', agent: engineer },
    ]);
  });

  it('leaves an agent that is not ours without our notes', () => {
    const foreign = { ...spawn, spawned: { name: 'general-purpose', id: 'x' } };
    expect(decide(foreign, { ...emptyState, knowledge })).toHaveLength(1);
  });

  it('warns of tasks that the ended one owns and did not complete', () => {
    const tasks = tasksWith([
      { id: 1, owner: 'engineer', status: 'in_progress' },
      { id: 2, owner: 'engineer', status: 'completed' },
      { id: 3, owner: 'tester' },
    ]);
    const event: HookEvent = { ...base, name: 'subagent-complete', completed: engineer, lastMessage: 'done' };
    const effects = decide(event, { ...emptyState, tasks });
    expect(JSON.stringify(effects[1])).toContain('not completed: 1.');
  });

  it('cuts the index at whole lines within two kibibytes', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      path: `.nexus/memory/note-${index}.md`,
      headline: 'é'.repeat(60),
      modifiedMs: 0,
    }));
    const tell = decide(spawn, { ...emptyState, knowledge: many })[1];
    const text = tell?.kind === 'inform-model' ? tell.text : '';
    expect(Buffer.byteLength(text)).toBeLessThan(2300);
    expect(
      text
        .split('\n')
        .filter((line) => line.startsWith('- '))
        .every((line) => line.endsWith('é')),
    ).toBe(true);
  });
});

describe('tools', () => {
  it('passes a refusal of the gate on', () => {
    const gate = {
      decision: 'deny',
      capability: 'no_file_edit',
      rule: 'edit',
      reason: 'Report it.',
    } as const;
    const event: HookEvent = { ...base, agent: engineer, name: 'pre-tool-use', use: edit };
    expect(decide(event, { ...emptyState, gate })).toEqual([
      { kind: 'refuse', rule: 'edit', reason: 'Report it.' },
      { kind: 'record-denial', tool: 'Edit', agent: 'engineer', capability: 'no_file_edit', rule: 'edit' },
    ]);
  });

  it('refuses a subagent an edit that no task covers, unless it is a note or switched off', () => {
    const event = { ...base, agent: engineer, name: 'pre-tool-use', use: edit } as const;
    expect(decide(event, emptyState)).toMatchObject([
      { kind: 'refuse', rule: 'unplanned-edit' },
      { kind: 'record-denial' },
    ]);
    expect(decide(event, { ...emptyState, tasks: tasksWith([{ id: 1 }]) })).toEqual([]);
    expect(decide(event, { ...emptyState, tasks: 'damaged' })).toEqual([]);
    expect(decide(event, { ...emptyState, unplannedEdits: 'allow' })).toEqual([]);
    expect(decide(event, { ...emptyState, hasWorkspace: false })).toEqual([]);
    expect(decide({ ...event, agent: undefined }, emptyState)).toEqual([]);
    const note = { ...edit, files: ['/p/.nexus/context/design.md'] };
    expect(decide({ ...event, use: note }, emptyState)).toEqual([]);
  });

  it('logs edits, and counts the reading of a memory note', () => {
    const log = decide(
      { ...base, agent: engineer, name: 'post-tool-use', use: edit, failed: false },
      emptyState,
    );
    expect(log).toEqual([
      { kind: 'log-tool', tool: 'Edit', agentId: 'a-1', files: ['/p/src/a.ts'], failed: false },
    ]);
    const read: ToolUse = {
      tool: 'Read',
      input: {},
      kind: 'read',
      files: ['/p/.nexus/memory/a.md', '/p/src/a.ts'],
    };
    expect(decide({ ...base, name: 'post-tool-use', use: read, failed: false }, emptyState)).toEqual([
      { kind: 'count-memory-read', path: '/p/.nexus/memory/a.md', reader: 'lead' },
    ]);
    expect(decide({ ...base, name: 'post-tool-use', use: read, failed: true }, emptyState)).toEqual([]);
  });
});

describe('compaction', () => {
  it('tells issues, tasks, running agents and notes', () => {
    const text = JSON.stringify(
      decide(
        { ...base, name: 'context-compact' },
        {
          ...emptyState,
          plan: planWith(['A']),
          tasks: tasksWith([{ id: 7 }]),
          running: [{ name: 'engineer', id: 'a-1' }],
        },
      ),
    );
    expect(text).toContain('- issue 1 (pending): A');
    expect(text).toContain('- task 7 (ready): Task 7');
    expect(text).toContain('engineer (a-1)');
  });
});
