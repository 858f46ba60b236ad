import * as z from 'zod';

/**
 * The state files' shapes. The strict schemas are what Nexo writes and publishes in `assets/schemas/`; the read
 * schemas accept what other releases and other programs wrote, and let unknown keys pass.
 */

/** Written as `schema_version`: the release of the state contract that introduced this shape. */
export const SCHEMA_VERSION = '0.5';

const SchemaVersionSchema = z.string().regex(/^\d+\.\d+$/);
const TimeSchema = z.iso.datetime({ offset: true });
const IdSchema = z.number().min(1);
const TextSchema = z.string().min(1);

export const IssueStatusSchema = z.enum(['pending', 'decided']);
export const TaskStatusSchema = z.enum(['pending', 'in_progress', 'completed']);
export const ReusePolicySchema = z.enum(['fresh', 'resume_if_same_artifact', 'resume']);

export const IssueSchema = z.strictObject({
  id: IdSchema,
  title: TextSchema,
  status: IssueStatusSchema,
  decision: z.string().optional(),
  how_agents: z.array(z.string()).optional(),
  how_summary: z.record(z.string(), z.string()).optional(),
  how_agent_ids: z.record(z.string(), z.string()).optional(),
});
export type Issue = z.infer<typeof IssueSchema>;

/** A plan as a history cycle holds it: without `schema_version`. */
const PlanSnapshotSchema = z.strictObject({
  id: IdSchema,
  topic: TextSchema,
  issues: z.array(IssueSchema),
  research_summary: z.string().optional(),
  created_at: TimeSchema,
});

/** `.nexus/state/plan.json` */
export const PlanFileSchema = z.strictObject({
  schema_version: SchemaVersionSchema.optional(),
  ...PlanSnapshotSchema.shape,
});

export const TaskSchema = z.strictObject({
  id: IdSchema,
  title: TextSchema,
  context: TextSchema,
  approach: z.string().optional(),
  acceptance: z.string().optional(),
  risk: z.string().optional(),
  status: TaskStatusSchema,
  deps: z.array(z.number()),
  plan_issue: z.number().optional(),
  owner: z.string().optional(),
  owner_agent_id: z.string().optional(),
  owner_reuse_policy: ReusePolicySchema.optional(),
  created_at: TimeSchema.optional(),
});
export type Task = z.infer<typeof TaskSchema>;

/** `.nexus/state/tasks.json`. The goal is empty until somebody sets it. */
export const TasksFileSchema = z.strictObject({
  schema_version: SchemaVersionSchema.optional(),
  goal: z.string(),
  decisions: z.array(z.string()),
  tasks: z.array(TaskSchema),
});

export const CycleSchema = z.strictObject({
  schema_version: SchemaVersionSchema,
  completed_at: TimeSchema,
  branch: TextSchema,
  plan: z.union([PlanSnapshotSchema, z.null()]),
  tasks: z.array(TaskSchema),
});

/** `.nexus/history.json`. Cycles that earlier releases wrote may lack `schema_version`; those are never touched. */
export const HistoryFileSchema = z.strictObject({
  schema_version: SchemaVersionSchema.optional(),
  cycles: z.array(CycleSchema),
});

const HarnessNameSchema = z.string().regex(/^[a-z][a-z0-9-]*$/);

export const AgentEntrySchema = z.strictObject({
  harness_id: HarnessNameSchema,
  started_at: TimeSchema,
  agent_name: HarnessNameSchema.optional(),
  status: z.enum(['running', 'completed']).optional(),
  agent_id: TextSchema.optional(),
  resume_count: z.number().min(0).optional(),
  last_resumed_at: TimeSchema.optional(),
  stopped_at: TimeSchema.optional(),
  last_message: z.string().optional(),
  files_touched: z.array(z.string()).optional(),
});
export type AgentEntry = z.infer<typeof AgentEntrySchema>;

/** `.nexus/state/{harness-id}/agent-tracker.json` */
export const AgentTrackerSchema = z.array(AgentEntrySchema);

/** One line of `.nexus/state/{harness-id}/memory-access.jsonl` */
export const MemoryAccessSchema = z.strictObject({
  path: TextSchema,
  last_accessed_ts: TimeSchema,
  access_count: z.int().min(0),
  last_agent: TextSchema,
  schema_version: SchemaVersionSchema.optional(),
});
export type MemoryAccess = z.infer<typeof MemoryAccessSchema>;

/* Read schemas: known fields keep their types where a wrong one could be acted upon, everything else passes. */

export const IssueReadSchema = z.looseObject({
  id: z.number(),
  title: z.string(),
  status: IssueStatusSchema,
  decision: z.string().nullish(),
});
export type IssueRead = z.infer<typeof IssueReadSchema>;

export const PlanRootReadSchema = z.looseObject({
  schema_version: z.string().optional(),
  id: z.number(),
  topic: z.string(),
  research_summary: z.string().optional(),
  created_at: z.string().optional(),
});

export const TaskReadSchema = z.looseObject({
  id: z.number(),
  title: z.string(),
  status: TaskStatusSchema,
  deps: z.array(z.number()).optional(),
  plan_issue: z.number().optional(),
});
export type TaskRead = z.infer<typeof TaskReadSchema>;

export const TasksRootReadSchema = z.looseObject({
  schema_version: z.string().optional(),
  goal: z.string().optional(),
  decisions: z.array(z.string()).optional(),
});

export const CycleReadSchema = z.looseObject({
  completed_at: z.string().optional(),
  branch: z.string().optional(),
  plan: z
    .looseObject({
      id: z.number().optional(),
      topic: z.string().optional(),
      issues: z.array(z.looseObject({})).optional(),
    })
    .nullish(),
  tasks: z.array(z.looseObject({})).optional(),
});
export type CycleRead = z.infer<typeof CycleReadSchema>;

export const HistoryRootReadSchema = z.looseObject({ schema_version: z.string().optional() });
