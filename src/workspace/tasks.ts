import * as z from 'zod';

import { isoTime } from '../base/clock.ts';
import { createRecord, type JsonDocument } from '../base/json-document.ts';
import { withoutUndefined } from '../base/without-undefined.ts';
import { NexoError } from '../errors.ts';
import { changeWorkspace, settleBeforeReading } from './change.ts';
import { readinessOf } from './readiness.ts';
import { findById, nextFreeId } from './record-ids.ts';
import { appendState, changeRecordAt, loadForChange, loadReadable, writeState } from './state-files.ts';
import { TASKS_FILE } from './state-kinds.ts';
import { ReusePolicySchema, type Task, type TaskRead, TaskStatusSchema } from './state-schemas.ts';
import type { Workspace } from './workspace.ts';

export const TaskAddInput = z.strictObject({
  title: z.string().min(1),
  context: z.string().min(1).describe('Background the owner needs'),
  deps: z.array(z.number()).optional().describe('Ids of tasks that come first'),
  approach: z.string().optional(),
  acceptance: z.string().optional().describe('Definition of done'),
  risk: z.string().optional(),
  plan_issue: z.number().optional(),
  goal: z.string().optional().describe('Goal of the whole cycle; replaces the old one'),
  decisions: z.array(z.string()).optional().describe('Added to the cycle’s decisions'),
  owner: z.string().optional().describe('Role'),
  owner_agent_id: z.string().optional(),
  owner_reuse_policy: ReusePolicySchema.optional(),
});

export const TaskUpdateInput = z.strictObject({ id: z.number(), status: TaskStatusSchema });

export interface TaskSummary {
  readonly total: number;
  readonly completed: number;
  readonly pending: number;
  /** Tasks in progress: the contract keeps this name for them. */
  readonly blocked: number;
  /** Ids of pending tasks whose dependencies are all completed, in file order. */
  readonly ready: readonly number[];
}

/** Adds a task with the next free id; makes the file when it is the first. */
export async function addTask(
  workspace: Workspace,
  input: z.infer<typeof TaskAddInput>,
): Promise<{ task: Task }> {
  return changeWorkspace(workspace, (lock) => {
    const { goal, decisions, title, context, deps = [], ...details } = input;
    const loaded = loadForChange(workspace, TASKS_FILE);
    const task: Task = {
      id: nextFreeId(
        TASKS_FILE,
        (loaded?.items ?? []).map(({ id }) => id),
      ),
      title,
      context,
      ...withoutUndefined(details),
      status: 'pending',
      deps,
      created_at: isoTime(workspace.clock),
    };
    const record = createRecord(task, TASKS_FILE.listKey);
    const changesCycle = goal !== undefined || (decisions !== undefined && decisions.length > 0);
    if (loaded !== undefined && !changesCycle) {
      appendState(workspace, lock, TASKS_FILE, { loaded, record });
      return { task };
    }
    const members = new Map(loaded?.document.members ?? EMPTY_MEMBERS);
    if (goal !== undefined) members.set('goal', JSON.stringify(goal));
    if (decisions !== undefined && decisions.length > 0) {
      members.set('decisions', JSON.stringify([...(loaded?.root.decisions ?? []), ...decisions]));
    }
    const records = [...(loaded?.document.records ?? []), record];
    const document: JsonDocument = { members, listKey: TASKS_FILE.listKey, records };
    writeState(workspace, lock, TASKS_FILE, document);
    return { task };
  });
}

/** Every task with a summary, or `{exists: false}`. */
export async function listTasks(workspace: Workspace): Promise<Record<string, unknown>> {
  await settleBeforeReading(workspace);
  const tasks = loadReadable(workspace, TASKS_FILE);
  if (tasks === undefined) return { exists: false };
  return { goal: tasks.root.goal ?? '', tasks: tasks.items, summary: summariseTasks(tasks.items) };
}

/** Sets a task's status; any transition is allowed. */
export async function updateTask(
  workspace: Workspace,
  { id, status }: z.infer<typeof TaskUpdateInput>,
): Promise<{ task: TaskRead }> {
  return changeWorkspace(workspace, (lock) => {
    const loaded = loadForChange(workspace, TASKS_FILE);
    if (loaded === undefined) throw new NexoError('TASKS_MISSING', 'tasks.json not found');
    const found = findById(TASKS_FILE, loaded.items, id);
    if (found === undefined) throw new NexoError('TASK_NOT_FOUND', `Task id ${id} not found`);
    const { document, value } = changeRecordAt(TASKS_FILE, loaded, found.index, { status });
    writeState(workspace, lock, TASKS_FILE, document);
    return { task: value };
  });
}

/** Counts and readiness. */
export function summariseTasks(tasks: readonly TaskRead[]): TaskSummary {
  const counts = { pending: 0, in_progress: 0, completed: 0 };
  for (const { status } of tasks) counts[status] += 1;
  const { ready } = readinessOf(tasks);
  return {
    total: tasks.length,
    completed: counts.completed,
    pending: counts.pending,
    blocked: counts.in_progress,
    ready,
  };
}

const EMPTY_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['goal', '""'],
  ['decisions', '[]'],
  ['tasks', ''],
]);
