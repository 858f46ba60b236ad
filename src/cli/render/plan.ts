import type { View } from './view.ts';

export interface ShownIssue {
  readonly id: number;
  readonly title: string;
  readonly status: string;
  readonly decision?: string | null | undefined;
}

/** One line an issue, and below a decided one its decision: whole, or cut to a line. */
export function renderIssues(issues: readonly ShownIssue[], view: View, { brief = false } = {}): string[] {
  const width = String(issues.reduce((highest, { id }) => Math.max(highest, id), 0)).length;
  return issues.flatMap((issue) => renderIssue(issue, width, brief, view));
}

function renderIssue(
  { id, title, status, decision }: ShownIssue,
  width: number,
  brief: boolean,
  view: View,
): string[] {
  const { ink, marks } = view;
  const decided = status === 'decided';
  const mark = decided ? ink.good(marks.done) : ink.warn(marks.ready);
  const lines = [`  ${mark} ${String(id).padStart(width)} ${view.line(title, width + 5)}`];
  if (decided && decision) {
    const indent = ' '.repeat(width + 5);
    const whole = view.paragraph(decision, `${indent}  `);
    const [first = '', ...rest] = brief ? [view.line(decision, width + 7)] : whole;
    lines.push(ink.dim(`${indent}${marks.arrow} ${first.trimStart()}`), ...rest.map(ink.dim));
  }
  return lines;
}
