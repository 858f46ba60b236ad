import type { View } from './view.ts';
import { count, dotted, shortTime } from './words.ts';

export interface ShownCycle {
  readonly completed_at: string;
  readonly branch: string;
  readonly topic?: string | undefined;
  readonly decisions?: readonly { readonly title: string; readonly decision: string }[] | undefined;
  readonly task_count: number;
}

/** A cycle in two lines: when, where and what about; then how much. */
export function renderCycle(cycle: ShownCycle, view: View): string[] {
  const { ink, marks, line } = view;
  const when = shortTime(cycle.completed_at);
  const topic = cycle.topic === undefined || cycle.topic === '' ? 'without a plan' : cycle.topic;
  const size = dotted(
    [cycle.branch, count(cycle.decisions?.length ?? 0, 'decision'), count(cycle.task_count, 'task')],
    marks.bullet,
  );
  const indent = when.length + 4;
  return [
    `  ${ink.dim(when)}  ${line(topic, indent)}`,
    `${' '.repeat(indent)}${ink.dim(line(size, indent))}`,
  ];
}

/** The decisions of a cycle, one paragraph each. */
export function renderDecisions(cycle: ShownCycle, view: View): string[] {
  const indent = ' '.repeat(6);
  return (cycle.decisions ?? []).flatMap(({ title, decision }) => [
    `    ${view.marks.bullet} ${view.line(title, 6)}`,
    ...view.paragraph(decision, `${indent}  `).map(view.ink.dim),
  ]);
}
