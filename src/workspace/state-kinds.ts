import { MAX_DEPTH } from '../base/json-document.ts';
import type { StateFile } from './state-files.ts';
import {
  CycleReadSchema,
  HistoryRootReadSchema,
  IssueReadSchema,
  PlanRootReadSchema,
  TaskReadSchema,
  TasksRootReadSchema,
} from './state-schemas.ts';

export const PLAN_FILE = {
  relativePath: '.nexus/state/plan.json',
  listKey: 'issues',
  root: PlanRootReadSchema,
  record: IssueReadSchema,
  maxDepth: MAX_DEPTH,
} as const satisfies StateFile;

export const TASKS_FILE = {
  relativePath: '.nexus/state/tasks.json',
  listKey: 'tasks',
  root: TasksRootReadSchema,
  record: TaskReadSchema,
  maxDepth: MAX_DEPTH,
} as const satisfies StateFile;

export const HISTORY_FILE = {
  relativePath: '.nexus/history.json',
  listKey: 'cycles',
  root: HistoryRootReadSchema,
  record: CycleReadSchema,
  // A plan or a task stands a few levels deeper in a cycle than in its own file.
  maxDepth: MAX_DEPTH + 8,
} as const satisfies StateFile;
