import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { EventFile } from './event-file.ts';
import type { RunLimits } from './limits.ts';
import type { PreparedRun } from './prepare.ts';
import { type EndReason, returnCodeFor } from './reasons.ts';
import type { Progress } from './records/run-records.ts';
import type { Tally } from './tally.ts';

/** A run that goes on. */
export interface Going {
  readonly prepared: PreparedRun;
  readonly limits: RunLimits;
  readonly folder: string;
  readonly file: EventFile;
  readonly tally: Tally;
  readonly startedAt: number;
}

/** How its last attempt ended. */
export interface Ended {
  readonly reason: EndReason;
  readonly code: number | null;
  readonly attempts: number;
}

/** What is written down of it. */
export interface Recorded extends Ended, Pick<Going, 'prepared' | 'tally' | 'startedAt'> {
  readonly message: string;
  readonly redact: (text: string) => string;
}

/** What is answered. */
export interface Finished extends Omit<Recorded, 'redact'> {
  readonly eventFile: string;
}

/** A backend may keep a limit by itself; without a word of failure, code 0 is success. */
export function reasonOf(tally: Tally, code: number | null): EndReason {
  if (tally.failure !== undefined) return tally.failure.limit ?? 'failed';
  return code === 0 ? 'completed' : 'failed';
}

/** The backend's own code where it ended by itself; an error that it reports with 0 is still one. */
export function returnCodeOf(reason: EndReason, code: number | null): number {
  if (reason === 'failed' && code !== null && code !== 0) return code;
  return returnCodeFor(reason);
}

/** First pause between two attempts and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** How long to wait before the next attempt: what the provider asks for, else twice as long each time. */
export function pauseBefore(attempt: number, asked: number | undefined): number {
  const ms = asked ?? FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.8 + Math.random() * 0.4);
  return Math.min(ms, LONGEST_PAUSE_MS);
}

/** What a run has used so far, as the records have it. */
export function progressOf(tally: Tally, { fitted }: PreparedRun, attempts: number): Progress {
  return {
    ...tally.spent,
    turns: tally.turns,
    toolCalls: tally.toolCalls,
    attempts,
    sessionId: tally.sessionId ?? '',
    model: tally.model,
    effort: tally.usedEffort ?? fitted.effort,
  };
}

/** The name under which an answer lies in the folder of its run. */
export const ANSWER_FILE = 'answer.txt';

/** Leaves the answer for somebody who asks later. Never throws: it is returned as well. */
export function keepAnswer(folder: string, answer: string): void {
  try {
    writeFileSync(join(folder, ANSWER_FILE), answer, { mode: 0o600 });
  } catch {
    // The answer itself is returned.
  }
}
