import type { EndedStep, Step, TaskEnd } from './plan-task.ts';
import { decide, type Standing } from './schedule.ts';

export interface Rehearsal {
  /** What is under way at the same time, one group after the other, if everything goes well and takes as long. */
  readonly rounds: readonly (readonly { readonly task: number; readonly step: Step }[])[];
  readonly ended: ReadonlyMap<number, TaskEnd>;
}

/** What an execution would do if every step passed. Pure. */
export function rehearse(standing: Standing): Rehearsal {
  const past = new Map([...standing.past].map(([id, steps]) => [id, [...steps]]));
  const ended = new Map(standing.ended);
  const rounds: { task: number; step: Step }[][] = [];
  for (;;) {
    const decision = decide({ ...standing, past, ended, running: new Set() });
    for (const { task, end } of decision.ended) ended.set(task, end);
    if (decision.start.length === 0) return { rounds, ended };
    rounds.push([...decision.start]);
    for (const { task, step } of decision.start) {
      const done: EndedStep = { ...step, result: 'passed' };
      past.set(task, [...(past.get(task) ?? []), done]);
    }
  }
}
