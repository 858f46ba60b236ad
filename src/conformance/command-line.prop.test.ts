import fc from 'fast-check';
import { expect, it } from 'vitest';

import { splitCommand } from './command-line.ts';

const word = fc.string({
  minLength: 1,
  maxLength: 12,
  unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '\t', 'ü'),
});

/** As a careful person quotes for a shell. */
const single = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
const double = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
const bare = (text: string): string => text.replaceAll(/[\s"'\\]/g, '\\$&');

it('whatever is quoted, in whichever way, comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, fc.constantFrom(single, double, bare)), { minLength: 1 }),
      (words) => {
        const command = words.map(([text, quote]) => quote(text)).join(' ');
        expect(splitCommand(command, '--server')).toEqual(words.map(([text]) => text));
      },
    ),
  );
});
