import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { IdFinder } from './id-finder.ts';

function find(json: string, pieceBytes: number): unknown {
  const finder = new IdFinder();
  const bytes = Buffer.from(json);
  for (let at = 0; at < bytes.length; at += pieceBytes) finder.push(bytes.subarray(at, at + pieceBytes));
  return finder.found();
}

const json = fc.jsonValue();
const id = fc.oneof(fc.integer(), fc.string({ maxLength: 20, unit: 'grapheme' }));

describe('IdFinder', () => {
  it('finds the id of any object, wherever it stands and however the object is cut', () => {
    fc.assert(
      fc.property(
        json,
        id,
        json,
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        (before, wanted, after, indent, cut) => {
          const text = JSON.stringify({ before, id: wanted, after }, null, indent ? 2 : 0);
          expect(find(text, cut)).toBe(wanted);
        },
      ),
    );
  });

  it('finds none in an object whose only ids are further in', () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 1, max: 50 }), (value, cut) => {
        expect(find(JSON.stringify({ params: { id: 1, value }, more: [{ id: 2 }] }), cut)).toBeUndefined();
      }),
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const finder = new IdFinder();
        finder.push(bytes);
        expect(['string', 'number', 'undefined']).toContain(typeof finder.found());
      }),
    );
  });
});
