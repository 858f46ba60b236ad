import * as z from 'zod';

import type { ErrorCode, NexoError } from '../errors.ts';
import { ArtifactWriteInput, writeArtifact } from './artifact.ts';
import { closeCycle } from './close.ts';
import { readContext } from './context.ts';
import { settleExtensions } from './extensions.ts';
import { HistorySearchInput, historySearchProblem, searchHistory } from './history-search.ts';
import { parseInput } from './input.ts';
import {
  decidePlan,
  PlanDecideInput,
  PlanStartInput,
  PlanUpdateInput,
  planStatus,
  startPlan,
  updatePlan,
} from './plan.ts';
import { stateProblem } from './state-files.ts';
import { PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
import { addTask, listTasks, TaskAddInput, TaskUpdateInput, updateTask } from './tasks.ts';
import type { Workspace } from './workspace.ts';

export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: false;
}

/** One tool of the workspace contract: what every door (MCP, shell, conformance) offers under this name. */
export interface WorkspaceTool {
  /** Name in the contract; doors may put a prefix before it. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly input: z.ZodObject;
  /** Every answer satisfies it, errors included: those have only `error`. */
  readonly output: z.ZodObject;
  /** Checks the input and does the work. Throws NexoError, INPUT_INVALID for arguments that do not fit. */
  run(workspace: Workspace, input: unknown): Promise<object>;
  /** Why an answer shows less than is there: the file that it comes from cannot be understood. Only reading tools. */
  problem(workspace: Workspace): NexoError | undefined;
}

const READ: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const ADD: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};
const CHANGE: ToolAnnotations = { ...ADD, destructiveHint: true };
const REPLACE: ToolAnnotations = { ...CHANGE, idempotentHint: true };

const NoInput = z.strictObject({});
const error = z.string().optional();
const IssueOutput = z.looseObject({ id: z.number(), title: z.string(), status: z.string() });
const TaskOutput = z.looseObject({ id: z.number(), title: z.string(), status: z.string() });
const Count = z.number().optional();

export const WORKSPACE_TOOLS: readonly WorkspaceTool[] = [
  defineTool({
    name: 'plan_start',
    title: 'Start a plan',
    description: 'Open a plan: topic and issues to decide. An active plan is archived first.',
    annotations: ADD,
    input: PlanStartInput,
    output: {
      created: z.boolean().optional(),
      plan_id: Count,
      topic: z.string().optional(),
      issueCount: Count,
      previousArchived: z.boolean().optional(),
    },
    handle: startPlan,
    after: settleExtensions,
  }),
  defineTool({
    name: 'plan_status',
    title: 'Show the plan',
    description: 'The active plan with its issues and decisions.',
    annotations: READ,
    input: NoInput,
    output: {
      active: z.boolean().optional(),
      plan_id: Count,
      topic: z.string().optional(),
      issues: z.array(IssueOutput).optional(),
      research_summary: z.string().optional(),
      summary: z.object({ total: z.number(), pending: z.number(), decided: z.number() }).optional(),
    },
    handle: planStatus,
    problem: (workspace) => stateProblem(workspace, PLAN_FILE),
  }),
  defineTool({
    name: 'plan_update',
    title: 'Change plan issues',
    description: 'Add, remove, edit (rename) or reopen a plan issue.',
    annotations: CHANGE,
    input: PlanUpdateInput,
    output: {
      added: z.boolean().optional(),
      removed: z.boolean().optional(),
      edited: z.boolean().optional(),
      reopened: z.boolean().optional(),
      issue: IssueOutput.optional(),
    },
    handle: updatePlan,
  }),
  defineTool({
    name: 'plan_decide',
    title: 'Decide an issue',
    description: 'Record the decision on a plan issue.',
    annotations: REPLACE,
    input: PlanDecideInput,
    output: {
      decided: z.boolean().optional(),
      issue: z.string().optional(),
      allComplete: z.boolean().optional(),
      remaining: z.array(IssueOutput).optional(),
      message: z.string().optional(),
    },
    handle: decidePlan,
  }),
  defineTool({
    name: 'task_add',
    title: 'Add a task',
    description: 'Add a task to the current cycle.',
    annotations: ADD,
    input: TaskAddInput,
    output: { task: TaskOutput.optional() },
    handle: addTask,
  }),
  defineTool({
    name: 'task_list',
    title: 'List tasks',
    description: 'All tasks; summary.ready has the ids that can start (blocked counts in_progress).',
    annotations: READ,
    input: NoInput,
    output: {
      exists: z.boolean().optional(),
      goal: z.string().optional(),
      tasks: z.array(TaskOutput).optional(),
      summary: z
        .object({
          total: z.number(),
          completed: z.number(),
          pending: z.number(),
          blocked: z.number(),
          ready: z.array(z.number()),
        })
        .optional(),
    },
    handle: listTasks,
    problem: (workspace) => stateProblem(workspace, TASKS_FILE),
  }),
  defineTool({
    name: 'task_update',
    title: 'Set task status',
    description: 'Set the status of a task.',
    annotations: REPLACE,
    input: TaskUpdateInput,
    output: { task: TaskOutput.optional() },
    handle: updateTask,
  }),
  defineTool({
    name: 'task_close',
    title: 'Close the cycle',
    description: 'Archive plan and tasks, finished or not, into the history and clear them.',
    annotations: CHANGE,
    input: NoInput,
    output: {
      closed: z.boolean().optional(),
      cycle: z.string().optional(),
      branch: z.string().optional(),
      archived: z.object({ plan: z.boolean(), decisions: z.number(), tasks: z.number() }).optional(),
      deleted: z.array(z.string()).optional(),
      total_cycles: Count,
      memoryHint: z
        .object({ taskCount: z.number(), decisionCount: z.number(), cycleTopics: z.array(z.string()) })
        .optional(),
    },
    handle: closeCycle,
    after: settleExtensions,
  }),
  defineTool({
    name: 'history_search',
    title: 'Search the history',
    description: 'Past cycles containing the query, newest first.',
    annotations: READ,
    input: HistorySearchInput,
    output: {
      total: Count,
      showing: Count,
      cycles: z
        .array(z.looseObject({ completed_at: z.string(), branch: z.string(), task_count: z.number() }))
        .optional(),
    },
    handle: searchHistory,
    problem: historySearchProblem,
  }),
  defineTool({
    name: 'context',
    title: 'Where things stand',
    description: 'Branch, goal, task progress and decisions.',
    annotations: READ,
    input: NoInput,
    output: {
      branch: z.string().optional(),
      activeMode: z.string().nullable().optional(),
      goal: z.string().optional(),
      tasksSummary: z.object({ total: z.number(), completed: z.number(), pending: z.number() }).optional(),
      decisions: z.array(z.string()).optional(),
    },
    handle: readContext,
    problem: (workspace) => stateProblem(workspace, TASKS_FILE),
  }),
  defineTool({
    name: 'artifact_write',
    title: 'Save an artifact',
    description: 'Save a report or other output as a file of this cycle.',
    annotations: REPLACE,
    input: ArtifactWriteInput,
    output: { success: z.boolean().optional(), path: z.string().optional() },
    handle: writeArtifact,
  }),
];

export function findWorkspaceTool(name: string): WorkspaceTool | undefined {
  return WORKSPACE_TOOLS.find((tool) => tool.name === name);
}

/** Errors whose text the contract fixes, to the letter. */
const CONTRACT_CODES: ReadonlySet<ErrorCode> = new Set([
  'PLAN_ACTION_UNKNOWN',
  'PLAN_FIELD_MISSING',
  'PLAN_ISSUE_NOT_FOUND',
  'PLAN_NOT_ACTIVE',
  'TASKS_MISSING',
  'TASK_NOT_FOUND',
]);

/** The `error` of a tool result: the contract's text, or for our own errors everything a model needs to act on. */
export function toolErrorText(failure: NexoError): string {
  if (CONTRACT_CODES.has(failure.code)) return failure.message;
  return [`${failure.code}: ${failure.message}`, failure.hint].filter((part) => part !== undefined).join(' ');
}

interface ToolDefinition<Shape extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  annotations: ToolAnnotations;
  input: Shape;
  output: z.ZodRawShape;
  handle: (workspace: Workspace, input: z.infer<Shape>) => Promise<object>;
  /** Runs when the work is durable; must not throw a NexoError. */
  after?: (workspace: Workspace) => Promise<void>;
  problem?: WorkspaceTool['problem'];
}

function defineTool<Shape extends z.ZodObject>({
  handle,
  after,
  problem = () => undefined,
  ...tool
}: ToolDefinition<Shape>): WorkspaceTool {
  return {
    ...tool,
    problem,
    output: z.looseObject({ ...tool.output, error }),
    run: async (workspace, input) => {
      // `tool.input` is the schema that `handle` was written for; the spread above lost its exact type.
      const result = await handle(workspace, parseInput(tool.name, tool.input, input) as z.infer<Shape>);
      await after?.(workspace);
      return result;
    },
  };
}
