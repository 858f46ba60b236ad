import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { displayWidth, pad, truncate, wrap } from './width.ts';

const word = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcxyz'), minLength: 1, maxLength: 30 }),
  fc.constantFrom('漢字', 'ü', 'Größe', '👩‍🚀', 'e\u0301', '한국어', '日本語の長い文章'),
);
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
const columns = fc.integer({ min: 8, max: 60 });

describe('width', () => {
  it.each([
    ['plain', 5],
    ['漢字', 4],
    ['👩‍🚀', 2],
    ['e\u0301', 1],
    ['\u001b[31mred\u001b[39m', 3],
    ['✓ ○ ◌ ▸ ├─', 10],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('is never exceeded by a wrapped line, and no word is lost', () => {
    fc.assert(
      fc.property(sentence, columns, (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('is never exceeded by a cut text, and what fits is not cut', () => {
    fc.assert(
      fc.property(sentence, columns, (text, width) => {
        const cut = truncate(text, width);
        expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        if (displayWidth(text) <= width) expect(cut).toBe(text);
        else expect(cut.endsWith('…')).toBe(true);
      }),
    );
  });

  it('is reached by padding', () => {
    fc.assert(
      fc.property(sentence, columns, (text, width) => {
        expect(displayWidth(pad(text, width))).toBe(Math.max(width, displayWidth(text)));
      }),
    );
  });
});
