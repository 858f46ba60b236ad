import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { CutOff, faultyFileSystem, quickFileSystem } from '../../test/support/state-fault-fs.ts';
import {
  call,
  HISTORY,
  newFolder,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
  temporaryFilesIn,
  treeOf,
} from '../../test/support/state-project.ts';
import { NexoError, systemErrorCode } from '../errors.ts';
import { repairWorkspace } from './repair.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/*
 * Every call that a change makes to the file system fails once, and once is the last that its process makes. Afterwards
 * a new process finds the old state or the new one (or a stated one in between, for what moves work into the history),
 * and its next change leaves nothing unfinished behind.
 */

/** Time stands still, so that states can be compared whole. */
const clock = { now: () => Date.parse('2026-05-01T09:00:00.000Z') };
const ERRORS = ['ENOSPC', 'EIO', 'EACCES'] as const;

interface Scenario {
  readonly name: string;
  readonly prepare: (workspace: Workspace, project: StateProject) => Promise<unknown>;
  readonly act: (workspace: Workspace) => Promise<unknown>;
  /** A state that a crash may leave besides the old and the new one. */
  readonly between?: (before: Observed, after: Observed) => Observed;
}

interface Observed {
  readonly plan: unknown;
  readonly tasks: unknown;
  readonly cycles: readonly unknown[];
  readonly artifacts: Readonly<Record<string, string>>;
}

const nothing = async (): Promise<void> => {};
const startPlan = (workspace: Workspace, topic: string): Promise<unknown> =>
  call(workspace, 'plan_start', { topic, issues: ['One', 'Two'], research_summary: 'ä' });
const addTask = (workspace: Workspace, title: string): Promise<unknown> =>
  call(workspace, 'task_add', { title, context: 'ö', goal: 'Goal', decisions: ['d'] });
const fullCycle = async (workspace: Workspace): Promise<void> => {
  await startPlan(workspace, 'Earlier');
  await addTask(workspace, 'Earlier');
  await call(workspace, 'task_close');
};
const openWork = async (workspace: Workspace): Promise<void> => {
  await startPlan(workspace, 'Topic');
  await addTask(workspace, 'First');
  await addTask(workspace, 'Second');
};
/** The old plan is archived, the new one not there yet: nothing is lost, and the caller has not been told of success. */
const archivedOnly = (before: Observed, after: Observed): Observed => ({
  ...before,
  plan: { active: false },
  cycles: after.cycles,
});

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'plan_start in an empty project',
    prepare: nothing,
    act: (workspace) => startPlan(workspace, 'New'),
  },
  {
    name: 'plan_start with a plan before it',
    prepare: openWork,
    act: (workspace) => startPlan(workspace, 'New'),
    between: archivedOnly,
  },
  {
    name: 'plan_start with a plan and a history before it',
    prepare: async (workspace) => {
      await fullCycle(workspace);
      await openWork(workspace);
    },
    act: (workspace) => startPlan(workspace, 'New'),
    between: archivedOnly,
  },
  {
    name: 'plan_decide',
    prepare: openWork,
    act: (workspace) => call(workspace, 'plan_decide', { issue_id: 1, decision: 'Yes' }),
  },
  { name: 'task_add in an empty project', prepare: nothing, act: (workspace) => addTask(workspace, 'First') },
  {
    name: 'task_add to others',
    prepare: openWork,
    act: (workspace) => call(workspace, 'task_add', { title: 'Third', context: 'c' }),
  },
  {
    name: 'task_update',
    prepare: openWork,
    act: (workspace) => call(workspace, 'task_update', { id: 2, status: 'completed' }),
  },
  { name: 'task_close, the first one', prepare: openWork, act: (workspace) => call(workspace, 'task_close') },
  {
    name: 'task_close with a history before it',
    prepare: async (workspace) => {
      await fullCycle(workspace);
      await openWork(workspace);
    },
    act: (workspace) => call(workspace, 'task_close'),
  },
  {
    name: 'task_close with nothing open',
    prepare: fullCycle,
    act: (workspace) => call(workspace, 'task_close'),
  },
  {
    name: 'artifact_write into a new folder',
    prepare: nothing,
    act: (workspace) => call(workspace, 'artifact_write', { filename: 'reports/a.md', content: 'text' }),
  },
  {
    name: 'artifact_write over an old one',
    prepare: (workspace) => call(workspace, 'artifact_write', { filename: 'reports/a.md', content: 'old' }),
    act: (workspace) => call(workspace, 'artifact_write', { filename: 'reports/a.md', content: 'new text' }),
  },
  {
    name: 'repair of damaged tasks',
    prepare: async (workspace, project) => {
      await openWork(workspace);
      project.write(TASKS, '{"goal": "Goal", "tasks": [');
    },
    act: async (workspace) => {
      const { findings } = await repairWorkspace(workspace);
      const left = findings.find((finding) => finding.left !== undefined);
      // It says what it could not do; only then may it not be done.
      if (left !== undefined) throw new NexoError('IO_FAILED', left.problem);
    },
  },
];

describe.each(SCENARIOS)('$name', ({ prepare, act, between }) => {
  /** A prepared project, to be copied, with what is to be seen in it before and after. */
  async function stage(): Promise<{ copy: () => string; before: Observed; after: Observed; total: number }> {
    const project = newStateProject({ clock, fs: quickFileSystem });
    await prepare(project.workspace, project);
    const copy = (): string => {
      const root = newFolder('fault-');
      if (existsSync(join(project.root, '.nexus'))) cpSync(project.root, root, { recursive: true });
      return root;
    };
    const before = await observe(copy());
    const counted = faultyFileSystem();
    const twin = copy();
    await act(openWorkspace(twin, { clock, fs: counted.fs }));
    return { copy, before, after: await observe(twin), total: counted.calls.length };
  }

  it('leaves the old or the new state whichever call fails, and says so', async () => {
    const { copy, before, after, total } = await stage();
    for (let at = 0; at < total; at += 1) {
      const root = copy();
      const faulty = faultyFileSystem({ at, with: ERRORS[at % ERRORS.length] ?? 'EIO' });
      const done = await outcomeOf(act(openWorkspace(root, { clock, fs: faulty.fs })));
      if (done !== undefined) expect(done).toMatchObject({ name: 'NexoError' });
      const allowed = done === undefined ? [after] : statesBetween(before, after, between);
      await expectSound(root, allowed, `${faulty.calls[at]?.name} ${faulty.calls[at]?.target}`);
    }
  });

  it('leaves the old or the new state wherever the process ends', async () => {
    const { copy, before, after, total } = await stage();
    for (let at = 0; at < total; at += 1) {
      const root = copy();
      const dying = faultyFileSystem({ at, with: 'cut' });
      const done = await outcomeOf(act(openWorkspace(root, { clock, fs: dying.fs })));
      const allowed = done === undefined ? [after] : statesBetween(before, after, between);
      await expectSound(root, allowed, `after ${dying.calls[at]?.name} ${dying.calls[at]?.target}`);
    }
  });
});

function statesBetween(before: Observed, after: Observed, between: Scenario['between']): Observed[] {
  return [before, after, ...(between === undefined ? [] : [between(before, after)])];
}

/** Undefined when it succeeded, else what it failed with. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof CutOff || systemErrorCode(error) !== undefined || error instanceof Error)
      return error;
    throw error;
  }
}

/** A new process finds an allowed state; its next change works, adds just its own, and leaves nothing behind. */
async function expectSound(root: string, allowed: readonly Observed[], where: string): Promise<void> {
  const seen = await observe(root);
  expect(allowed, where).toContainEqual(seen);
  const workspace = openWorkspace(root, { clock, fs: quickFileSystem, lockTimeoutMs: 2000 });
  const damaged = (await outcomeOf(addTask(workspace, 'Next'))) !== undefined;
  // Only a repair that did not come to its end leaves damage; then repairing again does.
  if (damaged) {
    await repairWorkspace(workspace);
    await addTask(workspace, 'Next');
  }
  const next = await observe(root);
  expect(next.cycles, where).toEqual(seen.cycles);
  expect(next.plan, where).toEqual(seen.plan);
  const ids = idsOf(next.tasks);
  expect(ids, where).toEqual(ids.map((_id, index) => index + 1));
  if (!damaged) expect(ids.length, where).toBe(idsOf(seen.tasks).length + 1);
  expect(temporaryFilesIn(root), where).toEqual([]);
  expect(existsSync(join(root, '.nexus/state/nexo/archive.json')), where).toBe(false);
  expect(existsSync(join(root, '.nexus/.gitignore')), where).toBe(true);
}

function idsOf(tasks: unknown): number[] {
  return ((tasks as { tasks?: { id: number }[] }).tasks ?? []).map(({ id }) => id);
}

/** What a new process sees through the tools, and through the history file itself. */
async function observe(root: string): Promise<Observed> {
  const workspace = openWorkspace(root, { clock, fs: quickFileSystem });
  const plan = await call(workspace, 'plan_status');
  const tasks = await call(workspace, 'task_list');
  const cycles = ((readJson(join(root, HISTORY)) ?? { cycles: [] }) as { cycles: unknown[] }).cycles;
  readJson(join(root, PLAN));
  const artifacts = Object.entries(treeOf(join(root, '.nexus/state/artifacts')));
  return {
    plan,
    tasks,
    cycles,
    artifacts: Object.fromEntries(artifacts.filter(([name]) => !name.endsWith('.tmp'))),
  };
}

/** The value of a file, undefined when there is none; throws when it is torn. */
function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
