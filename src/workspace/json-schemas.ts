import * as z from 'zod';

import {
  AgentTrackerSchema,
  HistoryFileSchema,
  MemoryAccessSchema,
  PlanFileSchema,
  TasksFileSchema,
} from './state-schemas.ts';

const SCHEMAS = {
  'plan.schema.json': { schema: PlanFileSchema, title: '.nexus/state/plan.json' },
  'tasks.schema.json': { schema: TasksFileSchema, title: '.nexus/state/tasks.json' },
  'history.schema.json': { schema: HistoryFileSchema, title: '.nexus/history.json' },
  'agent-tracker.schema.json': {
    schema: AgentTrackerSchema,
    title: '.nexus/state/{harness-id}/agent-tracker.json',
  },
  'memory-access.schema.json': {
    schema: MemoryAccessSchema,
    title: 'One line of .nexus/state/{harness-id}/memory-access.jsonl',
  },
} as const;

/** The state files' JSON Schemas (draft 2020-12) by file name, as published in `assets/schemas/`. */
export function stateJsonSchemas(): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(SCHEMAS).map(([name, { schema, title }]) => {
      // Zod's pattern repeats the date format at great length; the format alone says what the contract says.
      const json = z.toJSONSchema(schema, {
        override: ({ jsonSchema }) => {
          if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
        },
      });
      const { $schema, ...rest } = json;
      return [name, { $schema, title, ...rest }];
    }),
  );
}
