import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { printableJson, printableText } from './printable.ts';

/** What no output of ours may hold outside of its own colours and line ends. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('printable text', () => {
  it('holds nothing that a terminal acts on, whatever goes in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printableText(text)).not.toMatch(CONTROL);
      }),
    );
  });

  it('leaves a JSON document the same document', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText, { noNullPrototype: true }), (data) => {
        const json = printableJson(data);
        expect(JSON.parse(json)).toEqual(data);
        expect(json.replaceAll('\n', '')).not.toMatch(CONTROL);
      }),
    );
  });
});
