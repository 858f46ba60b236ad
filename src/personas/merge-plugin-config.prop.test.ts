import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergePluginConfig } from './merge-plugin-config.ts';

const scalar = fc.oneof(fc.string({ maxLength: 4 }), fc.integer(), fc.boolean(), fc.constant(null));
const key = fc.constantFrom('a', 'b', 'c', 'instance', '__proto__', 'constructor');
const mapping = fc.letrec<{ node: unknown; map: Record<string, unknown> }>((tie) => ({
  node: fc.oneof({ depthSize: 'small' }, scalar, fc.array(scalar, { maxLength: 3 }), tie('map')),
  map: fc.dictionary(key, tie('node'), { maxKeys: 4 }),
})).map;
const instance = fc.record({ instance: fc.constantFrom('x', 'y', 'z'), token: scalar });
const item = fc.oneof(instance, fc.record({ token: scalar }), scalar);
const list = fc.array(item, { maxLength: 5 });

function merged(base: unknown, addition: Parameters<typeof mergePluginConfig>[1]): unknown {
  const result = mergePluginConfig(base, addition);
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function instancesOf(value: unknown): string[] {
  return (value as readonly unknown[]).flatMap((each) =>
    typeof each === 'object' && each !== null && 'instance' in each ? [String(each.instance)] : [],
  );
}

/** Every path of a mapping that leads to something which is no mapping. */
function leaves(value: unknown, path: readonly string[] = []): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[JSON.stringify(path), value]];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

describe('a pack’s fragment', () => {
  it('adds items to a list and changes none that is there', () => {
    fc.assert(
      fc.property(list, list, (base, addition) => {
        const result = merged(base, addition) as unknown[];
        expect(result.slice(0, base.length)).toEqual(base);
        const before = instancesOf(base);
        const added = instancesOf(result.slice(base.length));
        expect(added.filter((name) => before.includes(name))).toEqual([]);
        expect(new Set(added).size).toBe(added.length);
        for (const name of instancesOf(addition)) expect(instancesOf(result)).toContain(name);
      }),
    );
  });

  it('adds keys to a mapping and changes none that is there', () => {
    fc.assert(
      fc.property(mapping, mapping, (base, addition) => {
        const result = new Map(leaves(merged(base, addition)));
        for (const [path, value] of leaves(base)) expect(result.get(path)).toEqual(value);
        const known = new Set([...leaves(base), ...leaves(addition)].map(([path]) => path));
        for (const path of result.keys()) expect(known).toContain(path);
      }),
    );
  });

  it('adds nothing the second time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(list, list), fc.tuple(mapping, mapping)), ([base, addition]) => {
        const once = merged(base, addition);
        expect(merged(once, addition)).toEqual(once);
      }),
    );
  });

  it('leaves both of its arguments as they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.tuple(list, list), fc.tuple(mapping, mapping)), ([base, addition]) => {
        const before = JSON.stringify([base, addition]);
        mergePluginConfig(base, addition);
        expect(JSON.stringify([base, addition])).toBe(before);
        expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
      }),
    );
  });

  it('is all there is where the operator has nothing', () => {
    expect(merged(undefined, [{ instance: 'x' }])).toEqual([{ instance: 'x' }]);
    expect(merged(null, { a: 1 })).toEqual({ a: 1 });
  });

  it('gives way to a list inside of a mapping as a whole', () => {
    expect(merged({ a: [1], b: { c: [2] } }, { a: [9, 9], b: { c: [9], d: 3 } })).toEqual({
      a: [1],
      b: { c: [2], d: 3 },
    });
  });

  it('says which instance stays as it is', () => {
    const base = [{ instance: 'x', token: 'mine' }];
    expect(mergePluginConfig(base, [{ instance: 'x', token: 'theirs' }, { instance: 'y' }])).toEqual({
      ok: true,
      value: [...base, { instance: 'y' }],
      notes: ['the instance x is there already and stays as it is'],
    });
  });

  it('counts an item without an instance as there only when all of it is', () => {
    expect(merged([{ a: 1 }], [{ a: 1 }, { a: 2 }])).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it.each([
    ['a list for a mapping', { a: 1 }, [{ instance: 'x' }], {}],
    ['a mapping for a list', [{ instance: 'x' }], { a: 1 }, {}],
    ['anything for a single value', 'text', { a: 1 }, {}],
    [
      'a list for a mapping that the plugin wants',
      { a: 1 },
      [{ instance: 'x' }],
      { shape: 'object' as const },
    ],
  ])('is refused when it is %s', (_name, base, addition, options) => {
    expect(mergePluginConfig(base, addition, options)).toMatchObject({ ok: false });
  });

  it('makes a list of the one instance of an operator when the plugin wants a list', () => {
    const result = mergePluginConfig({ instance: 'x' }, [{ instance: 'y' }], { shape: 'array' });
    expect(result).toMatchObject({ ok: true, value: [{ instance: 'x' }, { instance: 'y' }] });
  });
});
