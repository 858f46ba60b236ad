import type { Io, Output } from '../io.ts';
import { LINE_BREAK } from './printable.ts';
import { displayWidth, truncate, wrap } from './width.ts';

type Paint = (text: string) => string;

/** The few colours in use. They carry no meaning alone: a mark or a word always says the same. */
export interface Ink {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  readonly accent: Paint;
}

/** Signs in front of lines, one column each. */
export interface Marks {
  readonly done: string;
  readonly active: string;
  readonly ready: string;
  readonly blocked: string;
  readonly warning: string;
  readonly failure: string;
  readonly bullet: string;
  readonly arrow: string;
  readonly branch: { readonly tee: string; readonly corner: string; readonly bar: string };
}

/** What a renderer knows of the place that it writes to. */
export interface View {
  readonly ink: Ink;
  readonly marks: Marks;
  /** Columns to use; Infinity when the text goes to a file or a pipe, where nothing is cut or wrapped. */
  readonly columns: number;
  /** One value on one line: line breaks become a sign, what does not fit is cut. `taken` columns are in use. */
  line(text: string, taken?: number): string;
  /** A value of several lines, wrapped, each line behind `indent`. */
  paragraph(text: string, indent: string): string[];
}

/** The view for `output`, by the conventions of `NO_COLOR`, `FORCE_COLOR`, `TERM` and `COLUMNS`. */
export function createView(output: Output, env: Io['env']): View {
  const columns = output.isTerminal ? Math.max(output.columns ?? 80, 20) : Number.POSITIVE_INFINITY;
  return {
    ink: wantsColour(output, env) ? COLOUR : PLAIN,
    marks: env.TERM === 'linux' || env.TERM === 'dumb' ? ASCII_MARKS : MARKS,
    columns,
    line: (text, taken = 0) =>
      truncate(text.replaceAll(LINE_BREAK, ' ').trim(), Math.max(columns - taken, 8)),
    paragraph: (text, indent) =>
      text
        .trim()
        .split(LINE_BREAK)
        .flatMap((part) => wrap(part, columns - displayWidth(indent)))
        .map((part) => `${indent}${part}`.trimEnd()),
  };
}

function wantsColour(output: Output, env: Io['env']): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return output.isTerminal && env.TERM !== 'dumb';
}

function paint(open: number, close: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`);
}

const same: Paint = (text) => text;
const PLAIN: Ink = { bold: same, dim: same, good: same, warn: same, bad: same, accent: same };
const COLOUR: Ink = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  good: paint(32, 39),
  warn: paint(33, 39),
  bad: paint(31, 39),
  accent: paint(36, 39),
};

const MARKS: Marks = {
  done: '✓',
  active: '▸',
  ready: '○',
  blocked: '◌',
  warning: '!',
  failure: '✗',
  bullet: '·',
  arrow: '→',
  branch: { tee: '├─ ', corner: '└─ ', bar: '│  ' },
};
const ASCII_MARKS: Marks = {
  done: 'x',
  active: '>',
  ready: 'o',
  blocked: '.',
  warning: '!',
  failure: 'X',
  bullet: '-',
  arrow: '->',
  branch: { tee: '|- ', corner: '`- ', bar: '|  ' },
};
