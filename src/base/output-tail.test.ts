import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { OutputTail } from './output-tail.ts';

function tailOf(maxBytes: number, chunks: readonly Buffer[]): OutputTail {
  const tail = new OutputTail(maxBytes);
  for (const chunk of chunks) tail.add(chunk);
  return tail;
}

describe('OutputTail', () => {
  it('keeps a short output whole', () => {
    const tail = tailOf(10, [Buffer.from('12345'), Buffer.from('67890')]);
    expect([tail.text(), tail.truncated]).toEqual(['1234567890', false]);
  });

  it('keeps the end of a long one', () => {
    const tail = tailOf(4, [Buffer.from('abc'), Buffer.from('defgh')]);
    expect([tail.text(), tail.truncated]).toEqual(['efgh', true]);
  });

  it('does not begin in the middle of a character', () => {
    expect(tailOf(5, [Buffer.from('äöü')]).text()).toBe('öü');
    expect(tailOf(3, [Buffer.from('x🚀')]).text()).toBe('');
  });

  it('is the same however the output was cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(30), (texts, maxBytes) => {
        const chunks = texts.map((text) => Buffer.from(text));
        const whole = Buffer.concat(chunks);
        const text = tailOf(maxBytes, chunks).text();
        expect(text).toBe(tailOf(maxBytes, [whole]).text());
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        expect(whole.toString().endsWith(text)).toBe(true);
        expect(Buffer.byteLength(text)).toBeGreaterThan(Math.min(maxBytes, whole.length) - 4);
      }),
    );
  });
});
