import { describe, expect, it } from 'vitest';

import { isUsableId, nextId, randomHex } from './ids.ts';

describe('randomHex', () => {
  it('gives two lower-case digits for each random byte', () => {
    expect(randomHex()).toMatch(/^[0-9a-f]{16}$/);
    expect(randomHex(2)).toMatch(/^[0-9a-f]{4}$/);
  });

  it('does not repeat itself', () => {
    expect(new Set(Array.from({ length: 1000 }, () => randomHex())).size).toBe(1000);
  });
});

describe('isUsableId', () => {
  it.each([1, 7, Number.MAX_SAFE_INTEGER])('takes %d', (id) => expect(isUsableId(id)).toBe(true));
  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', null, undefined])('refuses %s', (id) =>
    expect(isUsableId(id)).toBe(false),
  );
});

describe('nextId', () => {
  it('starts at 1 and goes on after the largest one', () => {
    expect(nextId([])).toBe(1);
    expect(nextId([3, 1, 2])).toBe(4);
  });

  it('passes over what is no usable id', () => {
    expect(nextId([2, 7.5, NaN, Infinity, -9, 2 ** 60])).toBe(3);
  });

  it('gives none rather than one twice when the last is used up', () => {
    expect(nextId([Number.MAX_SAFE_INTEGER - 1])).toBe(Number.MAX_SAFE_INTEGER);
    expect(nextId([Number.MAX_SAFE_INTEGER])).toBeUndefined();
  });
});
