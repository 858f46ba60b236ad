import { CONTENDER_NAMES } from './contenders.ts';
import { type Budget, ROWS, type Row, type Unit } from './rows.ts';
import type { Reading } from './samples.ts';
import type { Measurement } from './subject.ts';

export type State = 'ok' | 'over' | 'failed' | '';

export interface Judged extends Measurement {
  readonly ratio: number | undefined;
  readonly state: State;
}

/** Puts Nexo's figure of a row against its budget. */
export function judgeRow({ row, readings }: Measurement): Judged {
  const { against = 'reference' }: Row = ROWS[row];
  const { nexo } = readings;
  const other = readings[against];
  const ratio =
    nexo?.kind === 'samples' && other?.kind === 'samples' && other.median > 0
      ? nexo.median / other.median
      : undefined;
  return { row, readings, ratio, state: stateOf(nexo, ratio, ROWS[row]) };
}

/** Times are held to their medians, unless the row is about its worst case; one loss is one too many. */
function stateOf(nexo: Reading | undefined, ratio: number | undefined, { budget, unit }: Row): State {
  if (nexo === undefined) return '';
  if (nexo.kind === 'failed') return 'failed';
  if (budget === undefined) return '';
  const figure =
    budget.kind === 'ratio' ? ratio : budget.worst === true || unit !== 'ms' ? nexo.max : nexo.median;
  if (figure === undefined) return '';
  return figure <= budget.atMost ? 'ok' : 'over';
}

const HEADINGS = ['what', ...CONTENDER_NAMES, 'ratio', 'budget', ''] as const;

/** The rows as an aligned table that is also valid Markdown. */
export function renderTable(rows: readonly Judged[]): string {
  const cells = rows.map(({ row, readings, ratio, state }) => {
    const { what, unit, budget }: Row = ROWS[row];
    return [
      what,
      ...CONTENDER_NAMES.map((name) => renderReading(readings[name], unit)),
      ratio === undefined || budget?.kind === 'value' ? '–' : ratio.toFixed(2),
      renderBudget(budget, unit),
      state,
    ];
  });
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[], fill = ' ') =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  return [
    line(HEADINGS),
    line(
      HEADINGS.map(() => ''),
      '-',
    ),
    ...cells.map((row) => line(row)),
  ].join('\n');
}

function renderReading(reading: Reading | undefined, unit: Unit): string {
  if (reading === undefined) return '–';
  if (reading.kind === 'failed') return 'failed';
  const { median, min, max, note } = reading;
  const range = min === max ? '' : ` (${renderFigure(min, unit)}–${renderFigure(max, unit)})`;
  return `${renderFigure(median, unit)}${withUnit(unit)}${range}${note === undefined ? '' : `, ${note}`}`;
}

function renderFigure(value: number, unit: Unit): string {
  if (unit === 'count' || unit === 'tokens') return String(Math.round(value));
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function withUnit(unit: Unit): string {
  return unit === 'ms' || unit === 'MiB' ? ` ${unit}` : '';
}

function renderBudget(budget: Budget | undefined, unit: Unit): string {
  if (budget === undefined) return '–';
  if (budget.kind === 'value') return `≤ ${budget.atMost}${withUnit(unit)}`;
  return budget.aim === undefined ? `≤ ${budget.atMost} ×` : `≤ ${budget.atMost} × (aim ${budget.aim})`;
}
