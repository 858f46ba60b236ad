import { readRegularFile } from '../base/durable-file.ts';
import { decodeUtf8, JsonFault, parseJson } from '../base/json-document.ts';
import { NexoError } from '../errors.ts';
import { readinessOf } from './readiness.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** What a glance shows of the plan. */
export interface PlanGlance {
  readonly topic: string;
  readonly issues: readonly { readonly id: number; readonly title: string; readonly decided: boolean }[];
}

/** What a glance shows of the tasks. */
export interface TasksGlance {
  readonly goal: string;
  readonly tasks: readonly TaskGlance[];
  readonly ready: readonly number[];
  readonly completed: number;
}

export interface TaskGlance {
  readonly id: number;
  readonly title: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
  readonly deps: readonly number[];
  /** The role, if one is named. */
  readonly owner: string | undefined;
}

/** A file that is there and cannot be understood is something else than one that is not there. */
export type Glance<T> = T | 'damaged' | undefined;

/**
 * Looks at the plan for a notice. Checks by hand instead of by schema: hooks run in front of every tool call, and
 * loading the schemas takes longer than all the rest of such a process.
 */
export function glanceAtPlan(workspace: Workspace): Glance<PlanGlance> {
  return glanceAt(workspace, 'plan.json', (root) => {
    const issues = recordsOf(root, 'issues').map((issue) => ({
      id: numberOf(issue, 'id'),
      title: textOf(issue, 'title'),
      decided: issue.status === 'decided',
    }));
    return { topic: textOf(root, 'topic'), issues };
  });
}

/** Looks at the tasks for a notice; see `glanceAtPlan`. */
export function glanceAtTasks(workspace: Workspace): Glance<TasksGlance> {
  return glanceAt(workspace, 'tasks.json', (root) => {
    const tasks = recordsOf(root, 'tasks').map(toTask);
    const { ready, completed } = readinessOf(tasks);
    const goal = root.goal;
    return {
      goal: typeof goal === 'string' ? goal : '',
      tasks,
      ready,
      completed,
    };
  });
}

type JsonRecord = Record<string, unknown>;

function glanceAt<T>(workspace: Workspace, name: string, look: (root: JsonRecord) => T): Glance<T> {
  try {
    const bytes = readRegularFile(workspace.fs, `${workspacePaths.state(workspace.root)}/${name}`)?.bytes;
    if (bytes === undefined) return undefined;
    const root = parseJson(decodeUtf8(bytes));
    return look(asRecord(root));
  } catch (error) {
    if (error instanceof NexoError || error instanceof JsonFault) return 'damaged';
    throw error;
  }
}

function toTask(task: JsonRecord): TaskGlance {
  const status = task.status;
  if (status !== 'pending' && status !== 'in_progress' && status !== 'completed')
    throw new JsonFault('has no status');
  const deps = task.deps;
  return {
    id: numberOf(task, 'id'),
    title: textOf(task, 'title'),
    status,
    deps: Array.isArray(deps) ? deps.filter((dep) => typeof dep === 'number') : [],
    owner: ownerOf(task.owner),
  };
}

/** The role, in the shape of this contract (text) or of later releases (an object with `role`). */
export function ownerOf(owner: unknown): string | undefined {
  if (typeof owner === 'string') return owner;
  const role = typeof owner === 'object' && owner !== null && 'role' in owner ? owner.role : undefined;
  return typeof role === 'string' ? role : undefined;
}

function asRecord(value: unknown): JsonRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRecord;
  throw new JsonFault('is not a JSON object');
}

function recordsOf(root: JsonRecord, key: string): JsonRecord[] {
  const list = root[key];
  if (!Array.isArray(list)) throw new JsonFault(`has no list "${key}"`);
  return list.map(asRecord);
}

function numberOf(record: JsonRecord, key: string): number {
  const value = record[key];
  if (typeof value === 'number') return value;
  throw new JsonFault(`has no number "${key}"`);
}

function textOf(record: JsonRecord, key: string): string {
  const value = record[key];
  if (typeof value === 'string') return value;
  throw new JsonFault(`has no text "${key}"`);
}
