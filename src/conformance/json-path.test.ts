import { describe, expect, it } from 'vitest';

import { followJsonPath, MISSING, parseJsonPath } from './json-path.ts';

const root = {
  cycles: [{ tasks: [] }, { tasks: [{ deps: [7, 8] }], plan: null }],
  'with-dash': 1,
  length: 'a member',
};

function follow(path: string, value: unknown = root): unknown {
  const parsed = parseJsonPath(path);
  if (parsed === undefined) throw new Error(`${path} is not a path`);
  return followJsonPath(value, parsed);
}

describe('a path', () => {
  it.each([
    ['$', root],
    ['$.cycles[-1].tasks[0].deps[1]', 8],
    ['$.cycles[-2].tasks.length', 0],
    ['$.cycles.length', 2],
    ['$.cycles[1].plan', null],
    ['$.with-dash', 1],
    ['$.length', 'a member'],
  ])('%s leads to its value', (path, expected) => {
    expect(follow(path)).toEqual(expected);
  });

  it('starts at a list too', () => {
    expect(follow('$[-1].id', [{ id: 1 }, { id: 2 }])).toBe(2);
    expect(follow('$.length', [1, 2, 3])).toBe(3);
  });

  it.each([
    '$.nothing',
    '$.nothing.below',
    '$.cycles[2]',
    '$.cycles[-3]',
    '$.cycles[1].plan.topic',
    '$.cycles.first',
    '$.toString',
    '$.__proto__',
    '$.with-dash.length',
    '$[0]',
  ])('%s leads nowhere', (path) => {
    expect(follow(path)).toBe(MISSING);
  });

  it.each([
    '',
    'cycles',
    '$.',
    '$..cycles',
    '$.*',
    '$.cycles[*]',
    '$.cycles[?(@.a)]',
    '$.a b',
    '$.cycles[1',
    '$cycles',
  ])('%j is not of the subset', (path) => {
    expect(parseJsonPath(path)).toBeUndefined();
  });
});
