import { type DueRule, lastDue, nextDue } from './calendar.ts';
import type { RecoveryPolicy } from './declaration.ts';
import type { Zone } from './zone.ts';

/** Why a pass looks at the schedules: the scheduler has just started, the machine has slept, or time goes by. */
export type PassCause = 'start' | 'wake' | 'tick';

/** Why a run starts. `retry` repeats one that was cut; `keep_alive` is a daemon's. */
export type RunCause = 'due' | 'catchup' | 'boot' | 'retry' | 'keep_alive';

export const SKIP_REASONS = {
  superseded: 'a newer due time had come by then',
  overlap: 'the run before it was still going on',
  disabled: 'the script was disabled',
  policy: 'its recovery policy makes up for nothing',
  not_idempotent: 'a script that is not idempotent is not made up for',
  too_old: 'it was older than max_catchup_age',
  not_on_wake: 'run_on_wake is off',
  repeated: 'the same time of this day had run before the time zone changed',
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** What the ledger knows of a schedule at the beginning of a pass. */
export interface TickState {
  readonly rule: DueRule;
  readonly policy: RecoveryPolicy;
  readonly idempotent: boolean;
  readonly maxCatchupAgeMs: number;
  readonly runOnWake: boolean;
  /** Every due time up to here has its outcome; not later than `now`. */
  readonly cursor: number;
  /** For a daemon: when it is to be started next. */
  readonly startAt: number | null;
  readonly running: boolean;
  readonly disabled: boolean;
  /** It runs on boot, and this run of the machine has not seen it. */
  readonly bootPending: boolean;
  /** A run that was cut and has not been repeated yet. */
  readonly retry: { readonly dueAt: number; readonly attempt: number } | null;
}

export interface TickMoment {
  readonly now: number;
  readonly zone: Zone;
  readonly cause: PassCause;
}

export interface Decision {
  readonly run: { readonly dueAt: number; readonly cause: RunCause; readonly attempt: number } | null;
  /** The newest due time, when it is not run. */
  readonly skip: { readonly dueAt: number; readonly reason: SkipReason } | null;
  /** All due times that lie before the newest, in one. */
  readonly gap: {
    readonly from: number;
    readonly to: number;
    readonly reason: SkipReason;
  } | null;
  readonly cursor: number;
  readonly nextDue: number | null;
  /** The retry is settled: done, or given up. */
  readonly retryDone: boolean;
  readonly booted: boolean;
}

/**
 * Up to here a start is on time, in milliseconds: passes come at least once a minute. Later it makes up for a missed
 * time, and the recovery policy decides.
 */
export const ON_TIME_MS = 60_000;
/** A cut run is repeated once. */
const MAX_ATTEMPTS = 2;
/** How often a disabled daemon is looked at, in milliseconds. */
const DISABLED_POLL_MS = 60_000;
/** The longest pause before a daemon's next start, see `restartDelayMs`. */
const MAX_RESTART_MS = 300_000;

/**
 * What is to be done about one schedule at one moment: at most one run, and an outcome for every due time since the
 * cursor. Pure: the ledger writes it down, in the transaction in which it has read the state.
 */
export function decide(state: TickState, moment: TickMoment): Decision {
  return state.rule.timing.kind === 'keep_alive' ? decideDaemon(state, moment) : decideTimed(state, moment);
}

/** How long a daemon waits before its next start: ten seconds, doubled with each quick end, at most five minutes. */
export function restartDelayMs(restarts: number): number {
  return Math.min(MAX_RESTART_MS, 10_000 * 2 ** Math.min(restarts, 10));
}

function decideTimed(state: TickState, moment: TickMoment): Decision {
  const { rule, cursor, running, disabled } = state;
  const { now, zone } = moment;
  const newest = lastDue(rule, now, zone);
  const due = newest !== undefined && newest > cursor ? newest : undefined;
  const reason = due === undefined ? undefined : reasonToSkip(state, due, moment);
  const runsDue = due !== undefined && reason === undefined;
  const retries = !runsDue && !running && !disabled && mayRetry(state, now);
  const boots = state.bootPending && !runsDue && !retries && !running && !disabled;

  let run: Decision['run'] = null;
  if (runsDue) run = { dueAt: due, cause: isLate(due, now) ? 'catchup' : 'due', attempt: 1 };
  else if (retries && state.retry)
    run = { dueAt: state.retry.dueAt, cause: 'retry', attempt: state.retry.attempt + 1 };
  else if (boots) run = { dueAt: now, cause: 'boot', attempt: 1 };
  return {
    run,
    skip: due !== undefined && reason !== undefined ? { dueAt: due, reason } : null,
    gap: due === undefined ? null : gapBefore(state, due, zone),
    cursor: now,
    nextDue: nextDue(rule, now, zone) ?? null,
    // While something runs, or nothing may, the retry waits.
    retryDone: state.retry !== null && !running && !disabled,
    booted: state.bootPending && (run !== null || running || disabled),
  };
}

function decideDaemon(state: TickState, { now }: TickMoment): Decision {
  const { running, disabled, startAt } = state;
  // A start that lies further ahead than any pause was set by a clock that was wrong.
  const starts =
    !running && !disabled && (startAt === null || startAt <= now || startAt > now + MAX_RESTART_MS);
  return {
    run: starts ? { dueAt: now, cause: 'keep_alive', attempt: 1 } : null,
    skip: null,
    gap: null,
    cursor: now,
    nextDue: running || starts ? null : disabled ? now + DISABLED_POLL_MS : startAt,
    retryDone: true,
    booted: true,
  };
}

function reasonToSkip(state: TickState, due: number, { now, cause }: TickMoment): SkipReason | undefined {
  if (state.disabled) return 'disabled';
  if (isLate(due, now)) {
    if (!state.idempotent) return 'not_idempotent';
    if (!makesUp(state)) return 'policy';
    if (now - due > state.maxCatchupAgeMs) return 'too_old';
    if (cause === 'wake' && !state.runOnWake) return 'not_on_wake';
  }
  return state.running ? 'overlap' : undefined;
}

function makesUp({ policy, rule }: TickState): boolean {
  return policy === 'catchup' || (policy === 'run_once_on_wake' && rule.timing.kind === 'interval');
}

function mayRetry({ retry, idempotent, maxCatchupAgeMs }: TickState, now: number): boolean {
  return retry !== null && idempotent && retry.attempt < MAX_ATTEMPTS && now - retry.dueAt <= maxCatchupAgeMs;
}

function isLate(due: number, now: number): boolean {
  return now - due > ON_TIME_MS;
}

function gapBefore({ rule, cursor, disabled }: TickState, newest: number, zone: Zone): Decision['gap'] {
  const from = nextDue(rule, cursor, zone);
  const to = lastDue(rule, newest - 1, zone);
  if (from === undefined || to === undefined || to < from) return null;
  return { from, to, reason: disabled ? 'disabled' : 'superseded' };
}
