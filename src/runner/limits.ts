import type { RunLimitSettings, RunSettings } from '../home/run-settings.ts';
import type { EndReason } from './reasons.ts';
import type { Tally } from './tally.ts';

/** The hard limits of one run. Undefined is none. */
export interface RunLimits {
  readonly wallMs: number;
  readonly silenceMs: number;
  readonly maxTurns: number | undefined;
  readonly maxTokens: number | undefined;
  readonly maxUsd: number | undefined;
  /** Of all runs together, in a day by UTC. */
  readonly maxUsdPerDay: number | undefined;
  /** Of the runs of this caller, in a day by UTC. */
  readonly callerUsdPerDay: number | undefined;
}

/** What a call may set for itself. */
export interface AskedLimits {
  readonly timeoutMs?: number | undefined;
  readonly silenceMs?: number | undefined;
  readonly maxTurns?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly maxUsd?: number | undefined;
}

const DEFAULT_SILENCE_MS = 15 * 60_000;

/** The tightest of what the call, the caller's settings and everybody's settings say. */
export function resolveLimits(
  asked: AskedLimits,
  { limits, callers }: Pick<RunSettings, 'limits' | 'callers'>,
  { caller, defaultWallMs }: { readonly caller: string; readonly defaultWallMs: number },
): RunLimits {
  const own: RunLimitSettings = (Object.hasOwn(callers, caller) ? callers[caller] : undefined) ?? {};
  const tightest = (...values: readonly (number | undefined)[]): number | undefined => {
    const set = values.filter((value) => value !== undefined);
    return set.length === 0 ? undefined : Math.min(...set);
  };
  return {
    wallMs: tightest(asked.timeoutMs ?? defaultWallMs, own.timeoutMs, limits.timeoutMs) ?? defaultWallMs,
    silenceMs: tightest(asked.silenceMs, own.silenceMs, limits.silenceMs) ?? DEFAULT_SILENCE_MS,
    maxTurns: tightest(asked.maxTurns, own.maxTurns, limits.maxTurns),
    maxTokens: tightest(asked.maxTokens, own.maxTokens, limits.maxTokens),
    maxUsd: tightest(asked.maxUsd, own.maxUsd, limits.maxUsd),
    maxUsdPerDay: limits.maxUsdPerDay,
    callerUsdPerDay: own.maxUsdPerDay,
  };
}

/** What other runs have cost today. */
export interface SpentToday {
  readonly all: number;
  readonly caller: number;
}

export function limitsMoneyPerDay({ maxUsdPerDay, callerUsdPerDay }: RunLimits): boolean {
  return maxUsdPerDay !== undefined || callerUsdPerDay !== undefined;
}

/** Which limit is over by now, or undefined. A limit is the most that may be used; reaching it is allowed. */
export function limitReached(tally: Tally, limits: RunLimits, today: SpentToday): EndReason | undefined {
  const { inputTokens, outputTokens, costUsd, costSource } = tally.spent;
  const isOver = (value: number, limit: number | undefined): boolean => limit !== undefined && value > limit;
  if (isOver(tally.turns, limits.maxTurns)) return 'turns';
  if (isOver(inputTokens + outputTokens, limits.maxTokens)) return 'tokens';
  const limitsMoney = limits.maxUsd !== undefined || limitsMoneyPerDay(limits);
  if (limitsMoney && costSource === 'pricing_unavailable') return 'cost_unknown';
  const cost = costUsd ?? 0;
  if (isOver(cost, limits.maxUsd)) return 'cost_run';
  if (isOver(today.caller + cost, limits.callerUsdPerDay)) return 'cost_caller';
  if (isOver(today.all + cost, limits.maxUsdPerDay)) return 'cost_day';
  return undefined;
}

/** Which limit of the day is used up before anything has begun. */
export function usedUp(limits: RunLimits, today: SpentToday): EndReason | undefined {
  if (limits.callerUsdPerDay !== undefined && today.caller >= limits.callerUsdPerDay) return 'cost_caller';
  if (limits.maxUsdPerDay !== undefined && today.all >= limits.maxUsdPerDay) return 'cost_day';
  return undefined;
}
