import * as z from 'zod';

/** Loose: a daemon of a newer version says more. */
const PartStatusSchema = z.object({
  name: z.string(),
  ready: z.boolean(),
  /** How often it had to be started again. */
  restarts: z.int(),
  detail: z.string().optional(),
  next: z
    .array(z.object({ name: z.string(), due_at: z.string() }))
    .readonly()
    .optional(),
  running: z
    .array(z.object({ name: z.string(), since: z.string() }))
    .readonly()
    .optional(),
  metrics: z.record(z.string(), z.number()).readonly().optional(),
});
export type PartStatus = z.infer<typeof PartStatusSchema>;

/** What a running daemon says of itself. The names are a published shape. */
export const DaemonStatusSchema = z.object({
  pid: z.int(),
  version: z.string(),
  started_at: z.string(),
  uptime_seconds: z.int(),
  /** Every part does its work, and the daemon is not stopping. */
  ready: z.boolean(),
  stopping: z.boolean(),
  home: z.string(),
  http: z.string(),
  /** How often it noticed that the machine had slept or its clock was set. */
  wakes: z.int(),
  parts: z.array(PartStatusSchema),
});
export type DaemonStatus = z.infer<typeof DaemonStatusSchema>;
