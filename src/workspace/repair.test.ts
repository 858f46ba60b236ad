import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  HISTORY,
  newFolder,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
  treeOf,
} from '../../test/support/state-project.ts';
import { recordAgentSpawn } from './agent-tracker.ts';
import { repairWorkspace } from './repair.ts';

const LAST_GOOD = '.nexus/state/nexo/last-good';
const DAMAGED = '.nexus/state/nexo/damaged';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const add = (input: Record<string, unknown> = {}): Promise<unknown> =>
  call(project.workspace, 'task_add', { title: 'T', context: 'C', ...input });
const start = (topic = 'Topic'): Promise<unknown> =>
  call(project.workspace, 'plan_start', { topic, issues: ['One'], research_summary: '' });
const close = (): Promise<unknown> => call(project.workspace, 'task_close');
const empty = (file: string): void => truncateSync(project.path(file), 0);
const repair = async (): Promise<unknown[]> => (await repairWorkspace(project.reopen())).findings;
const tasksNow = async (): Promise<unknown> => call(project.reopen(), 'task_list');
const planNow = async (): Promise<unknown> => call(project.reopen(), 'plan_status');

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid'];
  execFileSync('git', ['-C', project.root, ...identity, ...args], { stdio: 'ignore' });
}

describe('repair', () => {
  it('has nothing to do, and makes nothing, without a workspace', async () => {
    expect(await repair()).toEqual([]);
    expect(project.has('.nexus')).toBe(false);
    project.write('.nexus/memory/note.md', '');
    expect(await repair()).toEqual([]);
    expect(project.has('.nexus/state')).toBe(false);
  });

  it('finds nothing in a sound workspace', async () => {
    await start();
    await add();
    await close();
    const before = treeOf(project.root);
    expect(await repair()).toEqual([]);
    expect(treeOf(project.root)).toEqual(before);
  });

  it('brings back the last state of a file that was emptied in place right after our own write', async () => {
    await start();
    await add({ goal: 'G' });
    await add();
    await close();
    await start('Next');
    await add({ goal: 'H' });
    for (const file of [PLAN, TASKS, HISTORY]) {
      const good = project.json(file);
      empty(file);
      const [finding, ...others] = await repair();
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ file, restoredFrom: 'last good copy' });
      expect(project.json(file)).toEqual(good);
      // And once more, with no write of ours in between.
      empty(file);
      await repair();
      expect(project.json(file)).toEqual(good);
    }
    expect(readdirSync(project.path(DAMAGED))).toHaveLength(6);
  });

  it('brings back several files at once', async () => {
    await start();
    await close();
    await start('Next');
    await add();
    await recordAgentSpawn(project.workspace, { harness_id: 'codex-nexo', agent_id: 'a' });
    const files = [HISTORY, PLAN, TASKS, '.nexus/state/codex-nexo/agent-tracker.json'];
    const good = files.map((file) => project.json(file));
    for (const file of files) project.write(file, '<<<<<<< HEAD\n');
    expect((await repair()).map((finding) => (finding as { file: string }).file)).toEqual(files);
    expect(files.map((file) => project.json(file))).toEqual(good);
  });

  it('leaves the file missing, and says so, when there is nothing to restore', async () => {
    project.write(TASKS, 'nonsense');
    expect(await repair()).toEqual([
      {
        file: TASKS,
        problem: expect.any(String),
        movedTo: expect.stringMatching(/^\.nexus\/state\/nexo\/damaged\/.*-tasks\.json$/),
      },
    ]);
    expect(project.has(TASKS)).toBe(false);
    expect(project.text(`${DAMAGED}/${readdirSync(project.path(DAMAGED))[0]}`)).toBe('nonsense');
  });

  it('keeps what it sets aside out of git', async () => {
    project.write(TASKS, 'nonsense');
    await repair();
    expect(project.text('.nexus/.gitignore')).toBe('state/\n');
  });

  it('takes the readable part when it holds more than the last good copy', async () => {
    await add({ goal: 'G', decisions: ['d'] });
    // Another program added tasks, and was killed while it wrote one.
    const { tasks } = project.json(TASKS) as { tasks: unknown[] };
    const text = JSON.stringify({
      goal: 'G2',
      decisions: ['d', 'e'],
      tasks: [...tasks, { id: 2, title: 'theirs', status: 'pending', big: 0 }],
    });
    project.write(TASKS, text.replace('"big":0', '"big":12345678901234567890').slice(0, -1));
    expect(await repair()).toMatchObject([{ file: TASKS, restoredFrom: 'readable part', records: 2 }]);
    expect(await tasksNow()).toMatchObject({ goal: 'G2', tasks: [{ id: 1 }, { id: 2, title: 'theirs' }] });
    expect(project.json(TASKS)).toMatchObject({ decisions: ['d', 'e'] });
    expect(project.text(TASKS)).toContain('12345678901234567890');
  });

  it('restores a plan from its readable part when there is no copy', async () => {
    await start();
    unlinkSync(project.path(`${LAST_GOOD}/plan.json`));
    project.write(PLAN, project.text(PLAN).trimEnd().slice(0, -1));
    expect(await repair()).toMatchObject([{ file: PLAN, restoredFrom: 'readable part', records: 1 }]);
    expect(await planNow()).toMatchObject({ active: true, plan_id: 1, topic: 'Topic', issues: [{ id: 1 }] });
  });

  it('restores the history from git when there is no copy', async () => {
    git('init', '-q');
    for (let n = 0; n < 3; n += 1) await close();
    git('add', HISTORY);
    git('commit', '-q', '-m', 'cycles');
    await close();
    for (const name of readdirSync(project.path(LAST_GOOD))) unlinkSync(project.path(`${LAST_GOOD}/${name}`));
    const text = project.text(HISTORY);
    empty(HISTORY);
    expect(await repair()).toMatchObject([{ restoredFrom: 'git', records: 3 }]);
    // The readable part is better when it reaches further.
    project.write(HISTORY, text.slice(0, -2));
    expect(await repair()).toMatchObject([{ restoredFrom: 'readable part', records: 4 }]);
    expect(JSON.parse(text)).toEqual(project.json(HISTORY));
  });

  it('does not set aside a file that only cannot be read now', async () => {
    await add();
    const before = treeOf(project.root);
    const { fs } = project.workspace;
    const openSync: typeof fs.openSync = (path, flags, mode) => {
      if (String(path).endsWith('/state/tasks.json')) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return fs.openSync(path, flags, mode);
    };
    const workspace = project.reopen({ fs: { ...fs, openSync } });
    const { findings } = await repairWorkspace(workspace);
    expect(findings).toEqual([
      { file: TASKS, problem: expect.stringContaining('disk'), left: expect.any(String) },
    ]);
    expect(treeOf(project.root)).toEqual(before);
    // And a change says what it is, not that the file is damaged.
    const failure = await failureOf(call(workspace, 'task_add', { title: 'x', context: 'y' }));
    expect(failure.code).toBe('IO_FAILED');
  });

  it('writes nothing through a link in the place of the folder for damaged files', async () => {
    await add();
    empty(TASKS);
    const outside = newFolder('outside-');
    symlinkSync(outside, project.path(DAMAGED));
    expect((await failureOf(repairWorkspace(project.workspace))).code).toBe('PATH_NOT_A_FILE');
    expect(readdirSync(outside)).toEqual([]);
    expect(project.text(TASKS)).toBe('');
  });

  it('waits for the lock', async () => {
    await add();
    empty(TASKS);
    const workspace = project.reopen();
    const [findings] = await Promise.all([
      repairWorkspace(workspace),
      add().catch(() => {}),
      repairWorkspace(project.reopen()),
    ]);
    expect(findings.findings.length).toBeLessThanOrEqual(1);
    expect(readdirSync(project.path(DAMAGED))).toHaveLength(1);
  });
});

describe('repair does not bring closed work back', () => {
  /** As after a crash, or where the copy could not be removed: the copy outlives its file. */
  async function withStaleCopies(finish: () => Promise<unknown>): Promise<void> {
    await start();
    await add({ goal: 'closed' });
    const names = ['plan.json', 'tasks.json'];
    const folder = newFolder();
    for (const name of names) copyFileSync(project.path(`${LAST_GOOD}/${name}`), `${folder}/${name}`);
    await finish();
    for (const name of names) copyFileSync(`${folder}/${name}`, project.path(`${LAST_GOOD}/${name}`));
  }

  it('from copies that outlived a closed cycle', async () => {
    await withStaleCopies(close);
    for (const file of [PLAN, TASKS]) project.write(file, '');
    const findings = await repair();
    expect(findings).toMatchObject([{ file: PLAN }, { file: TASKS }]);
    for (const finding of findings) expect(finding).not.toHaveProperty('restoredFrom');
    expect(await tasksNow()).toEqual({ exists: false });
    expect(await planNow()).toEqual({ active: false });
  });

  it('when the history is damaged as well, and comes back first', async () => {
    await withStaleCopies(close);
    for (const file of [PLAN, TASKS, HISTORY]) project.write(file, '');
    const dry = (await repairWorkspace(project.reopen(), { dryRun: true })).findings;
    const findings = await repair();
    expect(findings).toMatchObject(dry.map(({ movedTo: _random, ...finding }) => finding));
    expect(findings).toMatchObject([
      { file: HISTORY, restoredFrom: 'last good copy', records: 1 },
      { file: PLAN },
      { file: TASKS },
    ]);
    expect(await tasksNow()).toEqual({ exists: false });
  });

  it('but new work beside it, even with the same numbers', async () => {
    await withStaleCopies(close);
    await start('New');
    await add({ title: 'New', goal: 'new' });
    for (const file of [PLAN, TASKS]) empty(file);
    expect(await repair()).toMatchObject([
      { file: PLAN, restoredFrom: 'last good copy' },
      { file: TASKS, restoredFrom: 'last good copy' },
    ]);
    expect(await planNow()).toMatchObject({ plan_id: 2, topic: 'New' });
    expect(await tasksNow()).toMatchObject({ goal: 'new', tasks: [{ id: 1, title: 'New' }] });
  });

  it('from the copy of a plan that another plan replaced', async () => {
    await withStaleCopies(() => start('Next'));
    empty(PLAN);
    const [finding] = await repair();
    expect(finding).not.toHaveProperty('restoredFrom');
    expect(await planNow()).toEqual({ active: false });
    // Its tasks were not closed: those are still open work.
    empty(TASKS);
    expect(await repair()).toMatchObject([{ restoredFrom: 'last good copy' }]);
  });

  it('from the readable part of the file itself, left by a crash', async () => {
    await start();
    await add();
    const text = project.text(TASKS);
    await close();
    project.write(TASKS, text.trimEnd().slice(0, -1));
    const [finding] = await repair();
    expect(finding).not.toHaveProperty('restoredFrom');
  });

  it('and the copies themselves go with their files', async () => {
    await start();
    await add();
    await close();
    expect(readdirSync(project.path(LAST_GOOD)).sort()).toEqual(['history-last-cycle.json']);
  });
});

describe('the last good copy of a large file', () => {
  it('is made a moment later and follows further changes', async () => {
    await add({ context: 'x'.repeat(300_000) });
    await add();
    await expect
      .poll(() => project.has(`${LAST_GOOD}/tasks.json`) && project.json(`${LAST_GOOD}/tasks.json`), {
        timeout: 10_000,
      })
      .toEqual(project.json(TASKS));
    writeFileSync(project.path(TASKS), '');
    expect(await repair()).toMatchObject([{ restoredFrom: 'last good copy', records: 2 }]);
  });

  it('does not come back after the cycle was closed', async () => {
    await add({ context: 'x'.repeat(300_000) });
    await close();
    await add({ title: 'marks the end of the wait', context: 'y'.repeat(300_000) });
    await expect
      .poll(() => project.has(`${LAST_GOOD}/tasks.json`) && project.text(`${LAST_GOOD}/tasks.json`), {
        timeout: 10_000,
      })
      .toBe(project.text(TASKS));
  });
});
