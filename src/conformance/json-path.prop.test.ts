import fc from 'fast-check';
import { expect, it } from 'vitest';

import { followJsonPath, parseJsonPath } from './json-path.ts';

const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]*$/).filter((name) => name !== '__proto__');
const tree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** Every place in a value, with the two spellings of the path that lead there. */
function places(value: unknown, path = '$', fromEnd = '$'): { paths: string[]; value: unknown }[] {
  const here = { paths: [path, fromEnd], value };
  if (Array.isArray(value)) {
    const inner = value.flatMap((item, at) =>
      places(item, `${path}[${at}]`, `${fromEnd}[${at - value.length}]`),
    );
    return [here, { paths: [`${path}.length`], value: value.length }, ...inner];
  }
  if (typeof value !== 'object' || value === null) return [here];
  return [
    here,
    ...Object.entries(value).flatMap(([name, item]) => places(item, `${path}.${name}`, `${fromEnd}.${name}`)),
  ];
}

it('every place of every value is found by its path, counted from either end', () => {
  fc.assert(
    fc.property(tree, (value) => {
      for (const place of places(value)) {
        for (const text of place.paths) {
          const path = parseJsonPath(text);
          expect(path && followJsonPath(value, path), text).toBe(place.value);
        }
      }
    }),
  );
});
