import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bodyHash, normaliseBody } from './body.ts';

describe('bodyHash', () => {
  it('is the same for a text and its normalised form, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const normal = normaliseBody(text);
        expect(normaliseBody(normal)).toBe(normal);
        expect(bodyHash(normal)).toBe(bodyHash(text));
        expect(bodyHash(text)).toMatch(/^sha256:[0-9a-f]{64}$/);
      }),
    );
  });

  it('is the same for every mixture of line ends and every tail of blanks', () => {
    const lines = fc.array(fc.stringMatching(/^[a-zé가#*` -]*[a-z가]$/), { minLength: 1 });
    fc.assert(
      fc.property(
        lines,
        fc.infiniteStream(fc.boolean()),
        fc.stringMatching(/^[ \t\r\n]{0,6}$/),
        (parts, ends, tail) => {
          const crlf = ends[Symbol.iterator]();
          const mixed = parts.reduce(
            (text, line) => text + (crlf.next().value === true ? '\r\n' : '\n') + line,
          );
          expect(bodyHash(mixed + tail)).toBe(bodyHash(parts.join('\n')));
        },
      ),
    );
  });
});
