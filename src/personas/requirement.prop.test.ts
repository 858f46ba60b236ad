import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseRequirement } from './requirement.ts';
import { compareVersions, isVersion } from './version.ts';

type Numbers = readonly [number, number, number];
interface Condition {
  readonly text: string;
  /** From (with) … to (without); both ends are plain versions, so that pre-releases are none of them. */
  readonly from: Numbers;
  readonly to: Numbers | undefined;
}

const END: Numbers = [Number.MAX_SAFE_INTEGER, 0, 0];
const small = fc.nat(3);
const version: fc.Arbitrary<Numbers> = fc.tuple(small, small, small);

function precedes(a: Numbers, b: Numbers): boolean {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
}

/** The next version that `length` leading numbers of `a` do not cover. */
function after([major, minor, patch]: Numbers, length: number): Numbers {
  if (length === 0) return END;
  if (length === 1) return [major + 1, 0, 0];
  return length === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

/** What Cargo's documentation says that a caret allows: changes right of the first number that is not 0. */
function caretEnd(numbers: Numbers, length: number): Numbers {
  const given = numbers.slice(0, length);
  const first = given.findIndex((part) => part > 0);
  return after(numbers, first === -1 ? length : first + 1);
}

const condition: fc.Arbitrary<Condition> = fc
  .record({
    operator: fc.constantFrom('', '^', '~', '=', '>', '>=', '<', '<='),
    numbers: version,
    length: fc.integer({ min: 1, max: 3 }),
    blank: fc.constantFrom('', ' '),
  })
  .map(({ operator, numbers, length, blank }) => {
    const text = `${operator}${blank}${numbers.slice(0, length).join('.')}`;
    const from = numbers.map((part, index) => (index < length ? part : 0)) as unknown as Numbers;
    const next = after(from, length);
    switch (operator) {
      case '>':
        return { text, from: next, to: undefined };
      case '>=':
        return { text, from, to: undefined };
      case '<':
        return { text, from: [0, 0, 0], to: from };
      case '<=':
        return { text, from: [0, 0, 0], to: next };
      case '=':
        return { text, from, to: next };
      case '~':
        return { text, from, to: after(from, Math.min(length, 2)) };
      default:
        return { text, from, to: caretEnd(from, length) };
    }
  });

describe('a requirement', () => {
  it('allows what Cargo would allow', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), version, (conditions, numbers) => {
        const result = parseRequirement(conditions.map(({ text }) => text).join(', '));
        if (!result.ok) throw new Error(result.reason);
        const expected = conditions.every(
          ({ from, to }) => !precedes(numbers, from) && (to === undefined || precedes(numbers, to)),
        );
        expect(result.requirement.allows(numbers.join('.'))).toBe(expected);
        // A pre-release is none of the versions that a plain condition means.
        expect(result.requirement.allows(`${numbers.join('.')}-rc.1`)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['*', '3.2.1', true],
    ['1.*', '1.9.9', true],
    ['1.*', '2.0.0', false],
    ['1.2.x', '1.2.7', true],
    ['0.1.6', '0.1.9', true],
    ['0.1.6', '0.2.0', false],
    ['>=0.1.6', '0.1.7-rc.1', false],
    ['>=0.1.7-alpha', '0.1.7-rc.1', true],
    ['>=0.1.7-alpha', '0.1.8-rc.1', false],
    ['=1.2.3+build', '1.2.3', true],
    ['>=0.1.0,<0.3.0', '0.2.9', true],
  ])('%s says of %s: %s', (text, candidate, expected) => {
    const result = parseRequirement(text);
    expect(result.ok && result.requirement.allows(candidate)).toBe(expected);
  });

  it.each([
    [''],
    ['  '],
    ['>=0.1.0 || ^2'],
    ['0.1.0 - 0.2.0'],
    ['>=0.1.0 <0.3.0'],
    ['v0.1.0'],
    ['latest'],
    ['>=0.1.0,'],
    ['*, 1'],
    ['>*'],
    ['1.*.2'],
    ['1.2.3.4'],
    ['01.2'],
    ['1.2-rc'],
    ['>==1'],
    ['workspace:*'],
    ['9'.repeat(400)],
  ])('%j is refused with a reason', (text) => {
    expect(parseRequirement(text)).toEqual({ ok: false, reason: expect.stringMatching(/\w/) });
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[<>=^~*x.,|\d -]{0,12}$/)), (text) => {
        const result = parseRequirement(text);
        if (result.ok) expect(typeof result.requirement.allows('0.1.0')).toBe('boolean');
      }),
    );
  });
});

describe('the order of versions', () => {
  const part = fc.stringMatching(/^(0|[1-9][0-9]{0,3}|[a-z][0-9a-z-]{0,3})$/);
  const any = fc
    .tuple(version, fc.array(part, { maxLength: 3 }), fc.array(part, { maxLength: 2 }))
    .map(([numbers, pre, build]) =>
      [
        numbers.join('.'),
        pre.length === 0 ? '' : `-${pre.join('.')}`,
        build.length === 0 ? '' : `+${build.join('.')}`,
      ].join(''),
    )
    .filter(isVersion);

  it('is total: antisymmetric, transitive, and equal for nothing but the same text', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it('is that of numbers, not of text', () => {
    expect(['0.10.0', '0.9.0', '1.0.0-rc.10', '1.0.0-rc.9', '1.0.0'].sort(compareVersions)).toEqual([
      '0.9.0',
      '0.10.0',
      '1.0.0-rc.9',
      '1.0.0-rc.10',
      '1.0.0',
    ]);
  });
});
