import type { PlannedCall } from './operations.ts';

/**
 * What came of a call. `acknowledged`: the server said it is done. `refused`: the server said it is not.
 * `unknown`: the server died or fell silent, so it may have happened or not.
 */
export type Answer = 'acknowledged' | 'refused' | 'unknown';

export interface CallRecord extends PlannedCall {
  /** Milliseconds on one clock for the whole run. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly answer: Answer;
  readonly value: unknown;
}

/** Something that must not happen. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
}

/**
 * lost: acknowledged and not there. doubled: there twice. invented: there, and never acknowledged nor in doubt.
 * torn: a file that was unreadable at some moment. rewritten: history that changed. duplicate-id: two records of one
 * id. wrong: there, with other content than was acknowledged. stuck: a fresh process could not write.
 * leftover-lock: a lock that nobody holds any more. server: it ended or hung without being killed.
 */
export type ViolationKind =
  | 'lost'
  | 'doubled'
  | 'invented'
  | 'torn'
  | 'rewritten'
  | 'duplicate-id'
  | 'wrong'
  | 'stuck'
  | 'leftover-lock'
  | 'server';

/** A change of one value over time, as somebody saw it: acknowledged, or perhaps made. */
export interface Change<T> {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly value: T;
  readonly isCertain: boolean;
}

/**
 * The values that may stand at the end: those of every change that no certain change begins after. Changes that
 * overlap may have happened in either order.
 */
export function possibleLastValues<T>(changes: readonly Change<T>[]): T[] {
  const certain = changes.filter(({ isCertain }) => isCertain);
  return changes
    .filter((change) => !certain.some((later) => later !== change && later.startedAt > change.endedAt))
    .map(({ value }) => value);
}
