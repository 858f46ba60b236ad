import type { Tool } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { NexoError } from '../../errors.ts';
import { parseInput } from '../../workspace/input.ts';
import { toolErrorText } from '../../workspace/tools.ts';
import { type ServerTool, type ToolWorld, toToolAnswer } from '../server-tool.ts';
import { defineForClients } from '../tool-definition.ts';

type Hints = NonNullable<Tool['annotations']>;

/** What a tool does to the operator's things: reads them, adds to them, changes them, or changes them once for all. */
export const HOME_HINTS = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  add: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  change: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  replace: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  /** Runs what the operator wrote, which may do anything. */
  run: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
} as const satisfies Record<string, Hints>;

interface HomeToolSpec<Input extends z.ZodObject> {
  readonly name: `nexo_${string}`;
  readonly title: string;
  readonly description: string;
  readonly hints: keyof typeof HOME_HINTS;
  readonly input: Input;
  /** Fields of an answer that worked; one that did not has `error` alone. */
  readonly output: z.ZodRawShape;
  /** Does the work. A NexoError becomes an answer that the model can act on. */
  run(world: ToolWorld, input: z.infer<Input>): Promise<object>;
}

/** Defines one of the operator's tools: its schemas, what it does to things, and what it runs. */
export function defineHomeTool<Input extends z.ZodObject>(spec: HomeToolSpec<Input>): ServerTool {
  const { name, title, description, hints, input, output, run } = spec;
  const annotations = HOME_HINTS[hints];
  return {
    definition: defineForClients({
      name,
      title,
      description,
      annotations,
      input,
      output: z.looseObject(output).partial().extend({ error: z.string().optional() }),
    }),
    isReadOnly: annotations.readOnlyHint,
    call: async (world, raw) => {
      try {
        // A generic object schema gives what its own type says; the compiler cannot follow it there.
        const result = await run(world, parseInput(name, input, raw) as z.infer<Input>);
        return toToolAnswer(result, { isError: false, workspace: undefined });
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        return toToolAnswer({ error: toolErrorText(error) }, { isError: true, workspace: undefined });
      }
    },
  };
}
