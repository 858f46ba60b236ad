import * as z from 'zod';

const Count = z.number().min(0);

/**
 * What every backend's stream is turned into. `tool` events with `started` come where the backend tells; `usage` adds
 * up, `total` replaces the sum so far.
 */
export const RunEventSchema = z.discriminatedUnion('kind', [
  /** The id by which the backend can go on with this conversation. */
  z.object({ kind: z.literal('session'), sessionId: z.string().min(1) }),
  /** What really runs, where the backend says so. */
  z.object({ kind: z.literal('used'), model: z.string().optional(), effort: z.string().optional() }),
  /** The model has answered once. */
  z.object({ kind: z.literal('turn') }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('tool'), name: z.string(), status: z.enum(['started', 'done', 'failed']) }),
  z.object({
    kind: z.enum(['usage', 'total']),
    inputTokens: Count,
    cachedInputTokens: Count.default(0),
    outputTokens: Count,
    costUsd: Count.optional(),
  }),
  /** The backend itself tries again. */
  z.object({ kind: z.literal('retry'), message: z.string() }),
  z.object({ kind: z.literal('warning'), message: z.string() }),
  /** It cannot go on. `transient` may pass by itself. */
  z.object({
    kind: z.literal('failure'),
    message: z.string(),
    transient: z.boolean().default(false),
    afterMs: z.number().min(0).optional(),
    /** The backend kept a limit that it was given. */
    limit: z.enum(['turns', 'cost_run']).optional(),
  }),
  /** The final answer, whole; without one, the texts since the last tool call are it. */
  z.object({ kind: z.literal('answer'), text: z.string() }),
]);

export type RunEvent = z.infer<typeof RunEventSchema>;

/** An event in our own form on a line; undefined when it is something else. */
export function parseEventLine(line: string): RunEvent | undefined {
  try {
    return RunEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
