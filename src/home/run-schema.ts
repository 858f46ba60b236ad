import * as z from 'zod';

const seconds = z
  .int()
  .min(1)
  .max(7 * 24 * 3600);
const usd = z.number().min(0);
const words = z.array(z.string().min(1)).max(100);

/** Hard limits that can be set for all runs, and tighter for one caller. */
const limits = {
  timeout_seconds: seconds.optional(),
  silence_seconds: seconds.optional(),
  max_turns: z.int().min(1).optional(),
  max_tokens: z.int().min(1).optional(),
  max_usd: usd.optional(),
  max_usd_per_day: usd.optional(),
};

/** `runs:` of runtime.yaml. */
export const RunsSchema = z.strictObject({
  ...limits,
  max_concurrent: z.int().min(1).max(64).optional(),
  max_concurrent_per_caller: z.int().min(1).max(64).optional(),
  wait_seconds: z
    .int()
    .min(0)
    .max(24 * 3600)
    .optional(),
  max_output_mib: z.int().min(1).max(1024).optional(),
  retries: z.int().min(0).max(5).optional(),
  keep: z.int().min(1).max(100_000).optional(),
  callers: z.record(z.string().min(1), z.strictObject(limits)).optional(),
});

const program = words.min(1).optional();
const harness = {
  program,
  args: words.optional(),
  env: words.optional(),
  skip_permissions: z.boolean().optional(),
};

/** `backends:` of runtime.yaml. */
export const BackendsSchema = z.strictObject({
  claude_code: z.strictObject(harness).optional(),
  codex: z
    .strictObject({
      ...harness,
      sandbox: z.enum(['read-only', 'workspace-write', 'danger-full-access']).optional(),
    })
    .optional(),
  opencode: z.strictObject(harness).optional(),
  command: z
    .strictObject({
      program: words.min(1),
      args: words.optional(),
      resume_args: words.optional(),
      env: words.optional(),
      input: z.enum(['prompt', 'none']).optional(),
      format: z.enum(['text', 'events']).optional(),
      models: words.optional(),
      efforts: words.optional(),
    })
    .optional(),
  scripted: z.strictObject({ script: z.string().min(1).optional(), env: words.optional() }).optional(),
});

/** `prices:` of runtime.yaml: US dollars for a million tokens. */
export const PricesSchema = z.record(
  z.string().min(1),
  z.strictObject({ input: usd, cached: usd.optional(), output: usd }),
);
