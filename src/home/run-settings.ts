// No schema library here: most homes have no settings file, and a run starts a sixth faster without it.
import type * as z from 'zod';

import type { BackendsSchema, PricesSchema, RunsSchema } from './run-schema.ts';

export interface RunLimitSettings {
  readonly timeoutMs?: number;
  readonly silenceMs?: number;
  readonly maxTurns?: number;
  readonly maxTokens?: number;
  readonly maxUsd?: number;
  /** Over all runs of a day, or over those of one caller. */
  readonly maxUsdPerDay?: number;
}

type RawLimits = Pick<
  z.infer<typeof RunsSchema>,
  'timeout_seconds' | 'silence_seconds' | 'max_turns' | 'max_tokens' | 'max_usd' | 'max_usd_per_day'
>;

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

/** What the file says, and the defaults for the rest. */
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

function toLimits(raw: RawLimits): RunLimitSettings {
  return {
    ...(raw.timeout_seconds !== undefined && { timeoutMs: raw.timeout_seconds * 1000 }),
    ...(raw.silence_seconds !== undefined && { silenceMs: raw.silence_seconds * 1000 }),
    ...(raw.max_turns !== undefined && { maxTurns: raw.max_turns }),
    ...(raw.max_tokens !== undefined && { maxTokens: raw.max_tokens }),
    ...(raw.max_usd !== undefined && { maxUsd: raw.max_usd }),
    ...(raw.max_usd_per_day !== undefined && { maxUsdPerDay: raw.max_usd_per_day }),
  };
}
