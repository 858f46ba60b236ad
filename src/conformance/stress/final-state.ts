import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

import { systemErrorCode } from '../../errors.ts';

// Only what the check needs: any release of the contract, and any server, is read.
const IssueSchema = z.looseObject({
  id: z.number(),
  title: z.string(),
  status: z.string(),
  decision: z.string().nullish(),
});
const PlanSchema = z.looseObject({ id: z.number(), topic: z.string(), issues: z.array(IssueSchema) });
const TaskSchema = z.looseObject({ id: z.number(), title: z.string(), status: z.string() });
const TasksSchema = z.looseObject({ tasks: z.array(TaskSchema) });
const CycleSchema = z.looseObject({
  completed_at: z.string(),
  plan: PlanSchema.nullish(),
  tasks: z.array(TaskSchema).optional(),
});
const HistorySchema = z.looseObject({ cycles: z.array(CycleSchema) });

export type FoundPlan = z.infer<typeof PlanSchema>;
export type FoundTask = z.infer<typeof TaskSchema>;

/** Everything that the state files hold at the end of a run. */
export interface FinalState {
  readonly plans: readonly FoundPlan[];
  /** The open list first, then every cycle's. */
  readonly taskLists: readonly (readonly FoundTask[])[];
  readonly cycleTimes: readonly string[];
}

/** Reads the state files of a project. Throws when one is not what it should be. */
export function readFinalState(root: string): FinalState {
  const plan = readJson(join(root, '.nexus/state/plan.json'), PlanSchema);
  const tasks = readJson(join(root, '.nexus/state/tasks.json'), TasksSchema);
  const cycles = readJson(join(root, '.nexus/history.json'), HistorySchema)?.cycles ?? [];
  return {
    plans: [...(plan === undefined ? [] : [plan]), ...cycles.flatMap((cycle) => cycle.plan ?? [])],
    taskLists: [tasks?.tasks ?? [], ...cycles.map((cycle) => cycle.tasks ?? [])],
    cycleTimes: cycles.map(({ completed_at }) => completed_at),
  };
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
