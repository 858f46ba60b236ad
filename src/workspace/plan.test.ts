import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
} from '../../test/support/state-project.ts';
import { repairWorkspace } from './repair.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const start = (topic = 'Cache', issues = ['Eviction', 'Signal']): Promise<Record<string, unknown>> =>
  call(project.workspace, 'plan_start', { topic, issues, research_summary: 'Read it' });
const update = (input: Record<string, unknown>): Promise<Record<string, unknown>> =>
  call(project.workspace, 'plan_update', input);
const decide = (input: Record<string, unknown>): Promise<Record<string, unknown>> =>
  call(project.workspace, 'plan_decide', input);
const cycles = (): { plan: { id: number; topic: string } | null; tasks: unknown[] }[] =>
  (project.json(HISTORY) as { cycles: never[] }).cycles;

describe('plan_start', () => {
  it('writes the plan with issues numbered from 1', async () => {
    expect(await start()).toEqual({
      created: true,
      plan_id: 1,
      topic: 'Cache',
      issueCount: 2,
      previousArchived: false,
    });
    expect(project.text(PLAN)).toBe(
      `${JSON.stringify(
        {
          id: 1,
          topic: 'Cache',
          issues: [
            { id: 1, title: 'Eviction', status: 'pending' },
            { id: 2, title: 'Signal', status: 'pending' },
          ],
          research_summary: 'Read it',
          created_at: '2026-05-01T09:00:00.000Z',
        },
        null,
        2,
      )}\n`,
    );
    expect(project.has(HISTORY)).toBe(false);
  });

  it('takes no issues and an empty summary, and refuses a missing one without writing', async () => {
    expect(
      await call(project.workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' }),
    ).toMatchObject({ issueCount: 0 });
    const other = newStateProject();
    const failure = await failureOf(call(other.workspace, 'plan_start', { topic: 't', issues: [] }));
    expect(failure.code).toBe('INPUT_INVALID');
    expect(failure.message).toContain('research_summary');
    expect(other.has('.nexus')).toBe(false);
  });

  it('archives an active plan first, leaves the tasks alone and goes on counting', async () => {
    await start('First');
    await decide({ issue_id: 1, decision: 'LRU' });
    await call(project.workspace, 'task_add', { title: 'x', context: 'y' });
    expect(await start('Second')).toMatchObject({ plan_id: 2, previousArchived: true });
    const [cycle] = cycles();
    expect(cycles()).toHaveLength(1);
    expect(cycle).toMatchObject({
      schema_version: '0.5',
      branch: 'unknown',
      plan: { id: 1, topic: 'First', issues: [{ id: 1, status: 'decided', decision: 'LRU' }, { id: 2 }] },
      tasks: [],
    });
    expect(Object.keys(cycle ?? {})).toEqual(['schema_version', 'completed_at', 'branch', 'plan', 'tasks']);
    expect(project.json(PLAN)).toMatchObject({ id: 2, topic: 'Second' });
    expect(project.json(TASKS)).toMatchObject({ tasks: [{ id: 1 }] });
  });

  it('counts on from the highest plan of the history, wherever it stands', async () => {
    project.write(HISTORY, {
      cycles: [{ plan: { id: 41 } }, { plan: { id: 7 } }, { plan: null }, {}, { plan: { id: 1e300 } }],
    });
    expect(await start()).toMatchObject({ plan_id: 42 });
    expect(await start()).toMatchObject({ plan_id: 43 });
    expect(await start()).toMatchObject({ plan_id: 44 });
  });

  it('counts on from a plan that is numbered higher than the history', async () => {
    await start();
    project.write(PLAN, { ...(project.json(PLAN) as object), id: 100 });
    expect(await start()).toMatchObject({ plan_id: 101 });
    expect(cycles().map(({ plan }) => plan?.id)).toEqual([100]);
    await call(project.workspace, 'task_close');
    expect(await start()).toMatchObject({ plan_id: 102 });
  });

  it('does not begin again at 1 after a plan whose id is no whole number', async () => {
    project.write(HISTORY, { cycles: [{ plan: { id: 5 } }] });
    project.write(PLAN, { id: 9.5, topic: 't', issues: [] });
    expect(await start()).toMatchObject({ plan_id: 6, previousArchived: true });
    expect(await start()).toMatchObject({ plan_id: 7 });
  });

  it('refuses when there is no number left', async () => {
    project.write(HISTORY, { cycles: [{ plan: { id: Number.MAX_SAFE_INTEGER } }] });
    expect((await failureOf(start())).code).toBe('STATE_ID_INVALID');
    expect(project.has(PLAN)).toBe(false);
  });

  it('strips schema_version from the archived plan and keeps all else, numbers to the digit', async () => {
    project.write(
      PLAN,
      '{"schema_version":"0.5","id":3,"topic":"t","issues":[{"id":1,"title":"i","status":"pending","ticket":12345678901234567890}],"x":{"y":1.50},"created_at":"2026-01-01T00:00:00Z"}',
    );
    await start();
    const archived = project.text(HISTORY);
    expect(archived).toContain('12345678901234567890');
    expect(archived).toContain('"x": {"y":1.50}');
    expect(JSON.parse(archived)).toMatchObject({
      cycles: [{ plan: { id: 3, x: { y: 1.5 }, created_at: '2026-01-01T00:00:00Z' } }],
    });
    expect(cycles()[0]?.plan).not.toHaveProperty('schema_version');
  });

  it('keeps the old plan when the history cannot take it', async () => {
    await start('First');
    const before = project.text(PLAN);
    project.write(HISTORY, '{"cycles": [');
    expect((await failureOf(start('Second'))).code).toBe('STATE_DAMAGED');
    expect(project.text(PLAN)).toBe(before);
    expect(project.text(HISTORY)).toBe('{"cycles": [');
    // Nothing is left behind that would keep others from working.
    await call(project.workspace, 'task_add', { title: 'x', context: 'y' });
  });
});

describe('plan_status', () => {
  it('says that there is no plan', async () => {
    expect(await call(project.workspace, 'plan_status')).toEqual({ active: false });
    expect(project.has('.nexus')).toBe(false);
  });

  it('shows the plan whole', async () => {
    await start();
    await decide({
      issue_id: 2,
      decision: 'Bus',
      how_agents: ['architect'],
      how_summary: { architect: 'yes' },
      how_agent_ids: { architect: 'a-1' },
    });
    expect(await call(project.workspace, 'plan_status')).toEqual({
      active: true,
      plan_id: 1,
      topic: 'Cache',
      issues: [
        { id: 1, title: 'Eviction', status: 'pending' },
        {
          id: 2,
          title: 'Signal',
          status: 'decided',
          decision: 'Bus',
          how_agents: ['architect'],
          how_summary: { architect: 'yes' },
          how_agent_ids: { architect: 'a-1' },
        },
      ],
      research_summary: 'Read it',
      summary: { total: 2, pending: 1, decided: 1 },
    });
  });

  it('leaves out a summary that is not there', async () => {
    project.write(PLAN, { id: 1, topic: 't', issues: [] });
    expect(await call(project.workspace, 'plan_status')).toEqual({
      active: true,
      plan_id: 1,
      topic: 't',
      issues: [],
      summary: { total: 0, pending: 0, decided: 0 },
    });
  });

  it('answers with the readable beginning of a plan that is cut off', async () => {
    await start();
    const text = project.text(PLAN);
    project.write(PLAN, text.slice(0, text.indexOf('"Signal"')));
    expect(await call(project.workspace, 'plan_status')).toMatchObject({
      active: true,
      plan_id: 1,
      topic: 'Cache',
      issues: [{ id: 1 }],
    });
  });

  it('sees what another process wrote, and what a person did with an editor', async () => {
    await start();
    await call(project.workspace, 'plan_status');
    await call(project.reopen(), 'plan_update', { action: 'edit', issue_id: 1, title: 'By another process' });
    expect(await call(project.workspace, 'plan_status')).toMatchObject({
      issues: [{ title: 'By another process' }, {}],
    });
    project.write(PLAN, project.text(PLAN).replace('By another process', 'By an unseen editor'));
    expect(await call(project.workspace, 'plan_status')).toMatchObject({
      issues: [{ title: 'By an unseen editor' }, {}],
    });
  });
});

describe('plan_update', () => {
  it('adds, edits, reopens and removes', async () => {
    await start();
    expect(await update({ action: 'add', title: 'Third' })).toEqual({
      added: true,
      issue: { id: 3, title: 'Third', status: 'pending' },
    });
    expect(await update({ action: 'edit', issue_id: 3, title: '3rd' })).toEqual({
      edited: true,
      issue: { id: 3, title: '3rd', status: 'pending' },
    });
    await decide({ issue_id: 3, decision: 'Yes', how_agents: ['lead'] });
    expect(await update({ action: 'reopen', issue_id: 3 })).toEqual({
      reopened: true,
      issue: { id: 3, title: '3rd', status: 'pending', how_agents: ['lead'] },
    });
    expect(project.json(PLAN)).toMatchObject({ issues: [{}, {}, { id: 3 }] });
    expect((project.json(PLAN) as { issues: object[] }).issues[2]).not.toHaveProperty('decision');
    expect(await update({ action: 'remove', issue_id: 1 })).toEqual({
      removed: true,
      issue: { id: 1, title: 'Eviction', status: 'pending' },
    });
    expect((project.json(PLAN) as { issues: { id: number }[] }).issues.map(({ id }) => id)).toEqual([2, 3]);
  });

  it('reopens a pending issue without complaint, and gives a removed highest number again', async () => {
    await start();
    expect(await update({ action: 'reopen', issue_id: 1 })).toMatchObject({
      reopened: true,
      issue: { status: 'pending' },
    });
    await update({ action: 'remove', issue_id: 2 });
    expect(await update({ action: 'add', title: 'New' })).toMatchObject({ issue: { id: 2 } });
  });

  it.each([
    [{ action: 'shuffle' }, 'Unknown action'],
    [{ action: '' }, 'Unknown action'],
    [{ action: 'add' }, 'title is required for add'],
    [{ action: 'remove' }, 'issue_id is required for remove'],
    [{ action: 'reopen' }, 'issue_id is required for reopen'],
    [{ action: 'edit', issue_id: 1 }, 'issue_id and title are required for edit'],
    [{ action: 'edit', title: 'x' }, 'issue_id and title are required for edit'],
    [{ action: 'edit', issue_id: 999, title: 'x' }, 'Issue 999 not found'],
    [{ action: 'remove', issue_id: 1.5 }, 'Issue 1.5 not found'],
    [{ action: 'reopen', issue_id: -1 }, 'Issue -1 not found'],
  ])('answers %j with "%s" and writes nothing', async (input, message) => {
    expect((await failureOf(update(input))).message).toBe('No active plan session');
    await start();
    const before = project.text(PLAN);
    expect((await failureOf(update(input))).message).toBe(message);
    expect(project.text(PLAN)).toBe(before);
  });
});

describe('plan_decide', () => {
  it('says what remains, and when all is decided', async () => {
    await start();
    expect(await decide({ issue_id: 2, decision: 'Bus' })).toEqual({
      decided: true,
      issue: 'Signal',
      allComplete: false,
      remaining: [{ id: 1, title: 'Eviction', status: 'pending' }],
    });
    expect(await decide({ issue_id: 1, decision: '' })).toEqual({
      decided: true,
      issue: 'Eviction',
      allComplete: true,
      message: expect.stringContaining('task'),
    });
    expect(project.json(PLAN)).toMatchObject({
      issues: [{ status: 'decided', decision: '' }, { decision: 'Bus' }],
    });
  });

  it('replaces an earlier decision and leaves what is not given as it was', async () => {
    await start();
    await decide({
      issue_id: 1,
      decision: 'LRU',
      how_agents: ['architect'],
      how_summary: { architect: 'yes' },
    });
    await decide({ issue_id: 1, decision: 'LFU', how_agents: ['lead'] });
    expect(project.json(PLAN)).toMatchObject({
      issues: [{ decision: 'LFU', how_agents: ['lead'], how_summary: { architect: 'yes' } }, {}],
    });
  });

  it('knows no plan and no such issue', async () => {
    expect((await failureOf(decide({ issue_id: 1, decision: 'x' }))).message).toBe('No active plan session');
    await start();
    expect((await failureOf(decide({ issue_id: 9, decision: 'x' }))).message).toBe('Issue 9 not found');
  });
});

describe('ids that do not tell issues apart', () => {
  const issue = (id: number, title: string): object => ({ id, title, status: 'pending' });

  it.each([
    ['STATE_DUPLICATE_ID', [issue(1, 'a'), issue(2, 'b'), issue(1, 'c')], 1],
    ['STATE_ID_INVALID', [issue(1.5, 'a'), issue(2, 'b')], 1.5],
    ['STATE_ID_INVALID', [issue(0, 'a'), issue(2, 'b')], 0],
    ['STATE_ID_INVALID', [issue(2 ** 53, 'a'), issue(2, 'b')], 2 ** 53],
  ])('%s: the one that is meant is refused, the others work', async (code, issues, id) => {
    project.write(PLAN, { id: 1, topic: 't', issues });
    const before = project.text(PLAN);
    for (const failing of [
      () => decide({ issue_id: id, decision: 'x' }),
      () => update({ action: 'remove', issue_id: id }),
      () => update({ action: 'edit', issue_id: id, title: 'x' }),
      () => update({ action: 'reopen', issue_id: id }),
    ]) {
      const failure = await failureOf(failing());
      expect([failure.code, failure.data]).toEqual([code, { path: PLAN, id }]);
    }
    expect(project.text(PLAN)).toBe(before);
    expect(await decide({ issue_id: 2, decision: 'x' })).toMatchObject({ decided: true });
    expect(await update({ action: 'add', title: 'x' })).toMatchObject({ issue: { id: 3 } });
  });

  it('a record that names a key twice is read, not changed, and archived as it stands', async () => {
    const text =
      '{"id":1,"topic":"t","issues":[{"id":1,"title":"a","title":"b","status":"pending"},{"id":2,"title":"c","status":"pending"}]}';
    project.write(PLAN, text);
    expect(await call(project.workspace, 'plan_status')).toMatchObject({ issues: [{ title: 'b' }, {}] });
    const failure = await failureOf(decide({ issue_id: 1, decision: 'x' }));
    expect([failure.code, failure.data?.path]).toEqual(['STATE_DAMAGED', PLAN]);
    expect(project.text(PLAN)).toBe(text);
    await decide({ issue_id: 2, decision: 'x' });
    await start();
    expect(project.text(HISTORY)).toContain('"title":"a","title":"b"');
    expect((await repairWorkspace(project.workspace)).findings).toEqual([]);
  });
});
