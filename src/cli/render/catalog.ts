import type { Finding } from '../../catalog/finding.ts';
import { LINE_BREAK } from './printable.ts';
import type { View } from './view.ts';
import { displayWidth, pad } from './width.ts';

export interface ShownItem {
  /** The first one stands out. */
  readonly columns: readonly string[];
  /** Below it, wrapped. */
  readonly lines: readonly string[];
}

/** Items in aligned columns, what is said about each below it. */
export function renderItems(items: readonly ShownItem[], view: View): string[] {
  const widths: number[] = [];
  for (const { columns } of items) {
    columns.forEach((text, at) => {
      widths[at] = Math.max(widths[at] ?? 0, displayWidth(text));
    });
  }
  return items.flatMap(({ columns: [first = '', ...rest], lines }) => [
    `  ${view.ink.bold(pad(first, widths[0] ?? 0))}  ${rest.map((text, at) => pad(text, widths[at + 1] ?? 0)).join('  ')}`.trimEnd(),
    ...lines.flatMap((line) => view.paragraph(line, '      ').map(view.ink.dim)),
  ]);
}

/** A title and named values below it. */
export function renderFacts(
  title: string,
  facts: readonly (readonly [string, string])[],
  view: View,
): string[] {
  const width = Math.max(...facts.map(([name]) => displayWidth(name)));
  const indent = ' '.repeat(width + 4);
  return [
    view.ink.bold(title),
    ...facts.flatMap(([name, value]) => {
      const [first = '', ...rest] = view.paragraph(value, indent);
      return [`  ${view.ink.dim(pad(name, width))}  ${first.trimStart()}`, ...rest];
    }),
  ];
}

/** The prompt as it is, line by line. */
export function renderPrompt(text: string): string {
  return text.replaceAll(LINE_BREAK, '\n').trimEnd();
}

/** One finding in two lines: where and what, then what to do. */
export function renderFindings(findings: readonly Finding[], view: View): string[] {
  const { ink, marks } = view;
  return findings.flatMap(({ gate, level, file, line, message, fix }) => [
    `${level === 'error' ? ink.bad(marks.failure) : ink.warn(marks.warning)} ${file}:${line}  ${ink.dim(gate)}  ${message}`,
    `  ${ink.accent(marks.arrow)} ${fix}`,
  ]);
}
