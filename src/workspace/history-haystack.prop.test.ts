import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findMatches } from './history-haystack.ts';

describe('searching all cycles as one text', () => {
  it('finds what looking into each of them finds', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', 'ß', '"', '\u{1f600}', '\\'),
      maxLength: 30,
    });
    const words = fc.string({
      unit: fc.constantFrom('a', 'b', 'ß', '"', '\u{1f600}', '\n'),
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), words, (texts, wanted) => {
        const entries = texts.map((lower) => ({ text: lower, lower }));
        expect(findMatches(entries, wanted)).toEqual(entries.filter(({ lower }) => lower.includes(wanted)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds a part that begins far into the query, and stops at the end of a line', () => {
    const entries = ['aaaaaaaz', 'zzzzzzzz', 'aaaaaaa', 'zaaaaaaaz'].map((lower) => ({ text: lower, lower }));
    expect(findMatches(entries, 'aaaaaaaz').map(({ lower }) => lower)).toEqual(['aaaaaaaz', 'zaaaaaaaz']);
    expect(findMatches(entries, 'zz')).toEqual([entries[1]]);
    expect(findMatches([], 'a')).toEqual([]);
  });
});
