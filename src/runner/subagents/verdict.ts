import type { StepKind, StepResult } from './plan-task.ts';

/** A line of its own that says how it is: `## Verdict: PASS`, `Verdict: **REVISION_REQUIRED**`. */
const LINE =
  /^[#*>\s-]*verdict\s*[:–—-]\s*[*_`]*(PASS|FAIL|APPROVED|REVISION_REQUIRED|BLOCKED)[*_`]*(?:\s*\(blocks\))?[.\s]*$/gim;

export type Verdict = 'PASS' | 'FAIL' | 'APPROVED' | 'REVISION_REQUIRED' | 'BLOCKED';

/** The last verdict in a report; undefined when it gives none. A form that lists all of them is none. */
export function verdictIn(answer: string): Verdict | undefined {
  return [...answer.matchAll(LINE)].at(-1)?.[1]?.toUpperCase() as Verdict | undefined;
}

/** What a report says of the step. A check that gives no verdict has not passed: nobody knows what it found. */
export function resultOf(answer: string, kind: StepKind, isCheck: boolean): StepResult {
  const verdict = verdictIn(answer);
  if (verdict === 'PASS' || verdict === 'APPROVED') return 'passed';
  if (verdict !== undefined) return kind === 'diagnose' ? 'passed' : 'rejected';
  return isCheck ? 'failed' : 'passed';
}
