import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import {
  call,
  failureOf,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
  temporaryFilesIn,
} from '../../test/support/state-project.ts';

const JOURNAL = '.nexus/state/nexo/archive.json';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const close = (workspace = project.workspace): Promise<Record<string, unknown>> =>
  call(workspace, 'task_close');
const cycles = (): Record<string, unknown>[] =>
  (project.json(HISTORY) as { cycles: Record<string, unknown>[] }).cycles;

async function openWork(): Promise<void> {
  await call(project.workspace, 'plan_start', {
    topic: 'Topic',
    issues: ['One', 'Two'],
    research_summary: 'r',
  });
  await call(project.workspace, 'plan_decide', { issue_id: 1, decision: 'Yes', how_summary: { lead: 'ä' } });
  await call(project.workspace, 'task_add', {
    title: 'A',
    context: 'C',
    goal: 'Goal',
    decisions: ['d'],
    risk: 'r',
  });
  await call(project.workspace, 'task_add', { title: 'B', context: 'C', deps: [1] });
  await call(project.workspace, 'task_update', { id: 1, status: 'completed' });
}

describe('task_close', () => {
  it('moves plan and tasks, finished or not, into the history', async () => {
    await openWork();
    const plan = project.json(PLAN);
    const { tasks } = project.json(TASKS) as { tasks: unknown };
    const closed = await close();
    expect(closed).toEqual({
      closed: true,
      cycle: expect.stringMatching(/^2026-05-01T09:00:\d\d\.000Z$/),
      branch: 'unknown',
      archived: { plan: true, decisions: 1, tasks: 2 },
      deleted: ['plan.json', 'tasks.json'],
      total_cycles: 1,
      memoryHint: { taskCount: 2, decisionCount: 1, cycleTopics: ['Topic', 'Goal'] },
    });
    expect(project.has(PLAN) || project.has(TASKS) || project.has(JOURNAL)).toBe(false);
    const expected = { schema_version: '0.5', completed_at: closed.cycle, branch: 'unknown', plan, tasks };
    expect(project.text(HISTORY)).toBe(`${JSON.stringify({ cycles: [expected] }, null, 2)}\n`);
  });

  it('archives nothing as an empty cycle', async () => {
    expect(await close()).toMatchObject({
      archived: { plan: false, decisions: 0, tasks: 0 },
      deleted: [],
      total_cycles: 1,
      memoryHint: { taskCount: 0, decisionCount: 0, cycleTopics: [] },
    });
    expect(cycles()).toMatchObject([{ plan: null, tasks: [] }]);
  });

  it('archives a plan or tasks alone, and leaves out an empty goal', async () => {
    await call(project.workspace, 'plan_start', { topic: 'T', issues: [], research_summary: '' });
    expect(await close()).toMatchObject({ deleted: ['plan.json'], archived: { plan: true, tasks: 0 } });
    await call(project.workspace, 'task_add', { title: 'x', context: 'y' });
    expect(await close()).toMatchObject({
      deleted: ['tasks.json'],
      total_cycles: 2,
      memoryHint: { cycleTopics: [] },
    });
  });

  it('writes the branch, also when it is detached', async () => {
    execFileSync('git', ['init', '-q', '-b', 'feature/x', project.root]);
    expect(await close()).toMatchObject({ branch: 'feature/x' });
    writeFileSync(project.path('.git/HEAD'), `${'a'.repeat(40)}\n`);
    expect(await close()).toMatchObject({ branch: 'HEAD' });
    expect(cycles().map(({ branch }) => branch)).toEqual(['feature/x', 'HEAD']);
  });

  it('deletes nothing but plan and tasks', async () => {
    await openWork();
    const kept = [
      'artifacts/a.md',
      'claude-nexo/agent-tracker.json',
      'codex-nexo/plan.extension.json',
      'tool-log.jsonl',
      'other.json',
    ];
    for (const name of kept) project.write(`.nexus/state/${name}`, '[]');
    project.write('.nexus/memory/note.md', '# Note');
    await close();
    for (const name of kept) expect(project.has(`.nexus/state/${name}`)).toBe(true);
    expect(project.has('.nexus/memory/note.md')).toBe(true);
  });

  it('archives what other programs added, to the letter', async () => {
    project.write(PLAN, '{"id":1,"topic":"t","issues":[],"snowflake":12345678901234567890}');
    project.write(
      TASKS,
      '{"goal":"g","decisions":[],"tasks":[{"id":1,"title":"x","status":"pending","n":1e400,"__proto__":{"a":1}},\r\n{"id":2,"title":"y","status":"pending"}]}',
    );
    await close();
    for (const kept of ['"snowflake": 12345678901234567890', '"n":1e400,"__proto__":{"a":1}'])
      expect(project.text(HISTORY)).toContain(kept);
    expect(cycles()).toMatchObject([{ plan: { id: 1 }, tasks: [{ id: 1 }, { id: 2 }] }]);
  });

  it('does not disable others when the history is damaged', async () => {
    await openWork();
    project.write(HISTORY, '{"cycles": [');
    expect((await failureOf(close())).code).toBe('STATE_DAMAGED');
    expect(project.has(JOURNAL)).toBe(false);
    expect(await call(project.workspace, 'task_add', { title: 'C', context: 'C' })).toMatchObject({
      task: { id: 3 },
    });
    expect(await call(project.workspace, 'plan_decide', { issue_id: 2, decision: 'x' })).toMatchObject({
      allComplete: true,
    });
  });

  it('leaves tasks alone that somebody replaced between reading and archiving them', async () => {
    await openWork();
    const theirs = '{"goal":"theirs","decisions":[],"tasks":[]}';
    let reads = 0;
    const { fs } = project.workspace;
    // A program without our lock, right after the tasks were read.
    const workspace = project.reopen({
      fs: {
        ...fs,
        openSync: (path, flags, mode) => {
          if (String(path).endsWith('/tasks.json')) {
            reads += 1;
            if (reads === 2) project.write(TASKS, theirs);
          }
          return fs.openSync(path, flags, mode);
        },
      },
    });
    expect((await failureOf(close(workspace))).code).toBe('FILE_CHANGED');
    expect(project.text(TASKS)).toBe(theirs);
    expect(project.has(HISTORY)).toBe(false);
    expect(await close()).toMatchObject({
      total_cycles: 1,
      memoryHint: { cycleTopics: ['Topic', 'theirs'] },
    });
  });
});

describe('an archive that was cut short', () => {
  /** Ends the process right after the nth call that matches. */
  async function closeUntil(matches: (name: string, target: string) => boolean, nth = 1): Promise<void> {
    const counted = faultyFileSystem();
    const twin = newStateProject({}, project);
    await call(twin.reopen({ fs: counted.fs }), 'task_close');
    const hits = counted.calls.flatMap(({ name, target }, index) => (matches(name, target) ? [index] : []));
    const at = hits[nth - 1];
    if (at === undefined) throw new Error('no such call');
    const { fs } = faultyFileSystem({ at, with: 'cut' });
    await expect(call(project.reopen({ fs }), 'task_close')).rejects.toBeInstanceOf(Error);
  }
  const isRename = (name: string): boolean => name === 'renameSync';
  const isRemoval = (file: string) => (name: string, target: string) =>
    name === 'unlinkSync' && target.endsWith(`/state/${file}`);

  beforeEach(async () => {
    await openWork();
  });

  it('before the cycle is in the history has not happened', async () => {
    await closeUntil(isRename, 1);
    expect(project.has(JOURNAL)).toBe(true);
    expect(project.has(HISTORY)).toBe(false);
    const workspace = project.reopen();
    expect(await call(workspace, 'task_list')).toMatchObject({ summary: { total: 2 } });
    expect(project.has(JOURNAL)).toBe(false);
    expect(await close(workspace)).toMatchObject({ total_cycles: 1, archived: { plan: true, tasks: 2 } });
  });

  it.each([
    ['after the history', isRename, 2],
    ['after the plan was removed', isRemoval('plan.json'), 1],
    ['after the tasks were removed', isRemoval('tasks.json'), 1],
  ] as const)('%s is finished by whoever comes next, be it a reader', async (_name, matches, nth) => {
    await closeUntil(matches, nth);
    expect(project.has(JOURNAL)).toBe(true);
    for (const read of ['plan_status', 'task_list', 'context', 'history_search'])
      await call(project.reopen(), read);
    expect(project.has(PLAN) || project.has(TASKS) || project.has(JOURNAL)).toBe(false);
    expect(cycles()).toMatchObject([{ plan: { id: 1 }, tasks: [{ id: 1 }, { id: 2 }] }]);
    expect(await call(project.reopen(), 'task_add', { title: 'x', context: 'y' })).toMatchObject({
      task: { id: 1 },
    });
    expect(
      await call(project.reopen(), 'plan_start', { topic: 't', issues: [], research_summary: '' }),
    ).toMatchObject({ plan_id: 2 });
    expect(temporaryFilesIn(project.root)).toEqual([]);
    expect(cycles()).toHaveLength(1);
  });

  it('does not take away tasks that somebody wrote there since', async () => {
    await closeUntil(isRename, 2);
    project.write(TASKS, { goal: 'new', decisions: [], tasks: [{ id: 1, title: 'new', status: 'pending' }] });
    expect(await call(project.reopen(), 'task_list')).toMatchObject({ goal: 'new' });
    expect(project.has(PLAN)).toBe(false);
    expect(await call(project.reopen(), 'task_add', { title: 'x', context: 'y' })).toMatchObject({
      task: { id: 2 },
    });
  });

  it('is finished also when others added cycles since', async () => {
    await closeUntil(isRename, 2);
    const history = project.json(HISTORY) as { cycles: object[] };
    project.write(HISTORY, {
      cycles: [...history.cycles, { completed_at: 'later', branch: 'b', plan: null, tasks: [] }],
    });
    expect(await call(project.reopen(), 'task_list')).toEqual({ exists: false });
  });

  it('waits, with everything in place, while the history cannot be read', async () => {
    await closeUntil(isRename, 2);
    const history = project.text(HISTORY);
    project.write(HISTORY, history.slice(0, -10));
    const workspace = project.reopen();
    expect(await call(workspace, 'task_list')).toMatchObject({ summary: { total: 2 } });
    const failure = await failureOf(call(workspace, 'task_add', { title: 'x', context: 'y' }));
    expect([failure.code, failure.data?.path]).toEqual(['STATE_DAMAGED', HISTORY]);
    expect(project.has(JOURNAL) && project.has(PLAN) && project.has(TASKS)).toBe(true);
    project.write(HISTORY, history);
    expect(await call(workspace, 'task_list')).toEqual({ exists: false });
  });

  it('counts as done for the caller once only its note remains', async () => {
    const { fs: counting, calls } = faultyFileSystem();
    await close(newStateProject({}, project).reopen({ fs: counting }));
    const at = calls.findLastIndex(
      ({ name, target }) => name === 'unlinkSync' && target.endsWith('archive.json'),
    );
    expect(await close(project.reopen({ fs: faultyFileSystem({ at, with: 'EIO' }).fs }))).toMatchObject({
      closed: true,
    });
    expect(project.has(JOURNAL)).toBe(true);
    expect(await close(project.reopen())).toMatchObject({
      archived: { plan: false, tasks: 0 },
      total_cycles: 2,
    });
  });
});
