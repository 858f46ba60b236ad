/** Why a run ended. Closed: programs decide by it. */
export const END_REASONS = [
  'completed',
  /** The backend gave up, or ended with an error. */
  'failed',
  'wall_clock',
  'silence',
  'turns',
  'tokens',
  'cost_run',
  'cost_day',
  'cost_caller',
  /** A limit on money is set, and what the run costs cannot be told. */
  'cost_unknown',
  /** `nexo runs cancel`. */
  'cancelled',
  /** Ctrl-C or a signal to whoever runs it. */
  'interrupted',
  /** Whoever ran it is gone without a word. */
  'lost',
  /** Nothing was started: the program is not there. */
  'unavailable',
] as const;

export type EndReason = (typeof END_REASONS)[number];

/** Exit code of a run that was ended from outside; as `timeout` and shells have it. */
const ENDED_FROM_OUTSIDE: Partial<Record<EndReason, number>> = {
  cancelled: 130,
  interrupted: 130,
  unavailable: 2,
  failed: 1,
  completed: 0,
  lost: 1,
};
const LIMIT_REACHED = 124;

export function returnCodeFor(reason: EndReason): number {
  return ENDED_FROM_OUTSIDE[reason] ?? LIMIT_REACHED;
}

const WORDS: Readonly<Record<EndReason, string>> = {
  completed: 'it is done',
  failed: 'the backend failed',
  wall_clock: 'it took longer than it may',
  silence: 'the backend said nothing for longer than it may',
  turns: 'it took more turns than it may',
  tokens: 'it used more tokens than it may',
  cost_run: 'it cost more than a run may',
  cost_day: 'all runs of the day together cost more than they may',
  cost_caller: 'the runs of this caller cost more than they may in a day',
  cost_unknown: 'a limit on money is set, and what this model costs is not known',
  cancelled: 'it was cancelled',
  interrupted: 'it was interrupted',
  lost: 'the program that ran it is gone',
  unavailable: 'the backend cannot be started',
};

export function reasonInWords(reason: EndReason): string {
  return WORDS[reason];
}
