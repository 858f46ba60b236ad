import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { shellLine, shellWords } from './hook-commands.ts';

describe('words on a shell line', () => {
  it('come back as they were', () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        expect(shellWords(shellLine(words))).toEqual(words);
      }),
    );
  });

  it.each(['a && b', 'a; b', '$(a)', '"a b"', 'a > b', 'a | b', "'a", 'a\nb'])(
    'are not told apart in %j',
    (line) => {
      expect(shellWords(line)).toBeUndefined();
    },
  );
});
