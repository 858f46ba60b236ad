import { describe, expect, it } from 'vitest';

import { checkAssertions, type Expected } from './assertion.ts';
import { parseJsonPath } from './json-path.ts';

function check(
  value: unknown,
  path: string,
  expected: Expected,
): { expected: string; got: string } | undefined {
  const parsed = parseJsonPath(path);
  if (parsed === undefined) throw new Error(path);
  const [mismatch] = checkAssertions(value, [{ path: parsed, expected }]);
  return mismatch && { expected: mismatch.expected, got: mismatch.got };
}

describe('an expected value', () => {
  it.each<[unknown, Expected]>([
    ['a', 'a'],
    [0, 0],
    [false, false],
    ['2026-03-02T08:15:00.000Z', { type: 'iso8601' }],
    ['2026-03-02T08:15:00+01:00', { type: 'iso8601' }],
    ['', { type: 'string' }],
    ['abc', { type: 'string', minLength: 3, pattern: '^a.c$' }],
    [3, { type: 'number', min: 3, max: 3 }],
    [true, { type: 'boolean' }],
  ])('%j is %j', (value, expected) => {
    expect(check({ value }, '$.value', expected)).toBeUndefined();
  });

  it.each<[unknown, Expected]>([
    ['1', 1],
    [1, '1'],
    [1, true],
    [0, null],
    ['', null],
    [null, 'null'],
    ['today', { type: 'iso8601' }],
    ['2026-03-02', { type: 'iso8601' }],
    ['2026-02-30T08:15:00Z', { type: 'iso8601' }],
    ['2026-13-02T08:15:00Z', { type: 'iso8601' }],
    ['2026-03-02T25:15:00Z', { type: 'iso8601' }],
    [1_772_000_000_000, { type: 'iso8601' }],
    ['ab', { type: 'string', minLength: 3 }],
    ['abd', { type: 'string', pattern: '^a.c$' }],
    [2, { type: 'string' }],
    [2, { type: 'number', min: 3 }],
    [4, { type: 'number', max: 3 }],
    ['3', { type: 'number' }],
    ['true', { type: 'boolean' }],
    [null, { type: 'string' }],
  ])('%j is not %j', (value, expected) => {
    expect(check({ value }, '$.value', expected)).toBeDefined();
  });

  it('null also stands for a key that is not there', () => {
    expect(check({ a: null }, '$.a', null)).toBeUndefined();
    expect(check({}, '$.a', null)).toBeUndefined();
    expect(check({}, '$.a.b.c', null)).toBeUndefined();
  });
});

it('a mismatch says in words what was expected and what was there', () => {
  expect(check({ a: 'x' }, '$.a', { type: 'string', minLength: 2, pattern: 'y' })).toEqual({
    expected: 'a string of at least 2 characters matching /y/',
    got: '"x"',
  });
  expect(check({}, '$.a', { type: 'number', min: 1, max: 2 })).toEqual({
    expected: 'a number of at least 1 up to 2',
    got: 'nothing there',
  });
  expect(check({ a: 'z'.repeat(1000) }, '$.a', null)?.got).toHaveLength(201);
});
