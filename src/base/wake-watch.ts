import { type Clock, systemClock } from './clock.ts';

/** The time went on without us, or the wall clock was set. */
export interface WakeEvent {
  /**
   * `wake`: the machine slept, the process was stopped, or the clock was set forward; nobody can tell these apart, and
   * for what was due meanwhile it is the same. `clock-back`: the clock was set back.
   */
  readonly kind: 'wake' | 'clock-back';
  /** How much the wall clock moved beyond what passed for us, in milliseconds; negative when it was set back. */
  readonly jumpMs: number;
  /** The wall clock as it is now, milliseconds since the epoch. */
  readonly at: number;
}

/** Who wants to know of it; `on` answers with the way to stop listening. */
export interface WakeEvents {
  on(listener: (event: WakeEvent) => void): () => void;
}

export interface WakeWatchOptions {
  readonly clock?: Clock;
  /** A clock that nobody sets, in milliseconds; it may or may not count the time asleep. */
  readonly monotonic?: () => number;
  /** How often the two are compared, in milliseconds. */
  readonly intervalMs?: number;
  /** A smaller jump is taken for a busy machine or a clock that is being corrected, in milliseconds. */
  readonly thresholdMs?: number;
}

export interface WakeWatch extends WakeEvents {
  /** Compares now instead of at the next interval. */
  check(): void;
  stop(): void;
}

const INTERVAL_MS = 2_000;
const THRESHOLD_MS = 5_000;

/**
 * Notices that the machine slept or its clock was set, by comparing the wall clock with one that nobody sets. It needs
 * no help of the operating system, so it works in a container as well. The timer does not keep the process alive.
 */
export function watchWake({
  clock = systemClock,
  monotonic = () => performance.now(),
  intervalMs = INTERVAL_MS,
  thresholdMs = THRESHOLD_MS,
}: WakeWatchOptions = {}): WakeWatch {
  const listeners = new Set<(event: WakeEvent) => void>();
  let wall = clock.now();
  let steady = monotonic();

  function check(): void {
    const at = clock.now();
    const now = monotonic();
    const wallMs = at - wall;
    const steadyMs = now - steady;
    wall = at;
    steady = now;
    const drift = wallMs - steadyMs;
    // Where the steady clock counts the time asleep as well, only the long pause between two looks shows it.
    const jump = Math.max(drift, steadyMs - intervalMs);
    if (drift < -thresholdMs) tell({ kind: 'clock-back', jumpMs: Math.round(drift), at });
    else if (jump > thresholdMs) tell({ kind: 'wake', jumpMs: Math.round(jump), at });
  }

  function tell(event: WakeEvent): void {
    for (const listener of [...listeners]) listener(event);
  }

  const timer = setInterval(check, intervalMs);
  timer.unref();
  return {
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    check,
    stop: () => clearInterval(timer),
  };
}
