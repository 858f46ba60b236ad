/** Where the time comes from; tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** The moment as ISO 8601 in UTC with milliseconds, the form of every timestamp in our files. */
export function isoTime(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
