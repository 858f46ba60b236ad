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

export interface RunLimitSettings {
  readonly timeoutMs?: number;
  readonly silenceMs?: number;
  readonly maxTurns?: number;
  readonly maxTokens?: number;
  readonly maxUsd?: number;
  /** Over all runs of a day, or over those of one caller. */
  readonly maxUsdPerDay?: number;
}

export interface RunSettings {
  readonly limits: RunLimitSettings;
  readonly callers: Readonly<Record<string, RunLimitSettings>>;
  readonly maxConcurrent: number;
  readonly maxConcurrentPerCaller: number | undefined;
  /** How long a run waits for a free place. */
  readonly waitMs: number;
  readonly maxOutputBytes: number;
  /** Further attempts after a failure that is safe to repeat. */
  readonly retries: number;
  /** How many runs keep their output on disk. */
  readonly keep: number;
}

export type BackendSettings = z.infer<typeof BackendsSchema>;
export type Prices = z.infer<typeof PricesSchema>;

export function toRunSettings(raw: z.infer<typeof RunsSchema> = {}): RunSettings {
  const callers = Object.entries(raw.callers ?? {}).map(([caller, own]) => [caller, toLimits(own)]);
  return {
    limits: toLimits(raw),
    callers: Object.fromEntries(callers),
    maxConcurrent: raw.max_concurrent ?? 4,
    maxConcurrentPerCaller: raw.max_concurrent_per_caller,
    waitMs: (raw.wait_seconds ?? 600) * 1000,
    maxOutputBytes: (raw.max_output_mib ?? 8) * 1024 * 1024,
    retries: raw.retries ?? 2,
    keep: raw.keep ?? 500,
  };
}

function toLimits(raw: z.infer<z.ZodObject<typeof limits>>): RunLimitSettings {
  return {
    ...(raw.timeout_seconds !== undefined && { timeoutMs: raw.timeout_seconds * 1000 }),
    ...(raw.silence_seconds !== undefined && { silenceMs: raw.silence_seconds * 1000 }),
    ...(raw.max_turns !== undefined && { maxTurns: raw.max_turns }),
    ...(raw.max_tokens !== undefined && { maxTokens: raw.max_tokens }),
    ...(raw.max_usd !== undefined && { maxUsd: raw.max_usd }),
    ...(raw.max_usd_per_day !== undefined && { maxUsdPerDay: raw.max_usd_per_day }),
  };
}
