import { expect, it } from 'vitest';

import type { RowId } from './rows.ts';
import { type Readings, summarise } from './samples.ts';
import { judgeRow, renderTable } from './table.ts';

const stateOf = (row: RowId, readings: Readings) => judgeRow({ row, readings }).state;

it('compares the medians with the budget of the row', () => {
  const reference = summarise([100, 90, 500]);
  expect(stateOf('initialize', { nexo: summarise([40, 39, 41]), reference })).toBe('ok');
  expect(stateOf('initialize', { nexo: summarise([41, 41, 10]), reference })).toBe('over');
});

it('compares nexo --version with the floor instead of the reference', () => {
  const judged = judgeRow({ row: 'version', readings: { nexo: summarise([30]), floor: summarise([20]) } });
  expect(judged).toMatchObject({ ratio: 1.5, state: 'ok' });
});

it('does not let a median hide one loss', () => {
  expect(stateOf('writersLost', { nexo: summarise([0, 0, 1]) })).toBe('over');
});

it('judges the wait after a kill by the longest one', () => {
  expect(stateOf('crashWait', { nexo: summarise([5, 6, 2_001]) })).toBe('over');
});

it('is not ok when Nexo could not be measured', () => {
  expect(stateOf('search', { nexo: { kind: 'failed', reason: 'it ended' } })).toBe('failed');
});

it('gives no verdict when there is nothing to compare with', () => {
  expect(stateOf('initialize', { nexo: summarise([40]) })).toBe('');
});

it('aligns the columns', () => {
  const rows = [
    judgeRow({ row: 'initialize', readings: { nexo: summarise([40, 42]), reference: summarise([164]) } }),
    judgeRow({ row: 'writersLost', readings: { nexo: summarise([0]), reference: summarise([75, 120, 77]) } }),
  ];
  const lines = renderTable(rows).split('\n');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]?.split('|').map((cell) => cell.trim())).toEqual([
    '',
    'MCP: spawn to initialize answered',
    '41.0 ms (40.0–42.0)',
    '164 ms',
    '–',
    '0.25',
    '≤ 0.4 × (aim 0.25)',
    'ok',
    '',
  ]);
});
