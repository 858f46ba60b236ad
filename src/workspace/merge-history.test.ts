import { describe, expect, it } from 'vitest';

import { mergeHistory } from './merge-history.ts';

interface Cycle {
  readonly completed_at?: string;
  readonly plan?: {
    readonly id: number;
    readonly topic?: string;
    readonly issues?: readonly unknown[];
  } | null;
  readonly [key: string]: unknown;
}

const cycle = (time: number, id?: number, more: object = {}): Cycle => ({
  schema_version: '0.5',
  completed_at: new Date(Date.UTC(2026, 0, 1, 0, time)).toISOString(),
  branch: 'b',
  plan: id === undefined ? null : { id, topic: `closed at ${time}`, issues: [] },
  tasks: [],
  ...more,
});

const bytes = (value: unknown): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function merge(base: unknown, ours: unknown, theirs: unknown): string {
  return mergeHistory({ base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) });
}
const history = (...cycles: Cycle[]): object => ({ cycles });
const mergedCycles = (base: unknown, ours: unknown, theirs: unknown): Cycle[] =>
  (JSON.parse(merge(base, ours, theirs)) as { cycles: Cycle[] }).cycles;
const shown = (cycles: readonly Cycle[]): unknown[] =>
  cycles.map(({ plan }) => [plan?.topic?.replace('closed at ', ''), plan?.id]);
const conflict = expect.objectContaining({ name: 'NexoError', code: 'MERGE_CONFLICT' });

describe('mergeHistory', () => {
  it('puts the new cycles of both sides in order of closing and keeps plan ids apart', () => {
    const shared = cycle(0, 1);
    const ours = history(shared, cycle(2, 2), cycle(5, 3));
    const theirs = history(shared, cycle(1, 2), cycle(4, 3), cycle(6, 9));
    expect(shown(mergedCycles(history(shared), ours, theirs))).toEqual([
      ['0', 1],
      ['1', 10],
      ['2', 2],
      ['4', 11],
      ['5', 3],
      ['6', 9],
    ]);
  });

  it('merges histories that begin on both sides, where the base is an empty file', () => {
    expect(shown(mergedCycles('', history(cycle(1, 1)), history(cycle(2, 1))))).toEqual([
      ['1', 1],
      ['2', 2],
    ]);
  });

  it('gives a side that did nothing what the other did, to the byte when it is ours', () => {
    const base = history(cycle(1, 1));
    const more = history(cycle(1, 1), cycle(2, 2));
    expect(mergedCycles(base, more, base)).toEqual(JSON.parse(JSON.stringify(more)).cycles);
    expect(mergedCycles(base, base, more)).toEqual(JSON.parse(JSON.stringify(more)).cycles);
    const text = merge(base, more, base);
    expect(merge(text, text, text)).toBe(text);
  });

  it('merges branches again that were merged before', () => {
    const closeAt = (text: string, time: number): string => {
      const { cycles } = JSON.parse(text) as { cycles: Cycle[] };
      const highest = Math.max(...cycles.map(({ plan }) => plan?.id ?? 0));
      return JSON.stringify({ cycles: [...cycles, cycle(time, highest + 1)] });
    };
    // Both begin at nothing; ours takes theirs in, both go on; and so twice more.
    let ours = JSON.stringify(history(cycle(1, 1)));
    let theirs = JSON.stringify(history(cycle(2, 1)));
    let base = '';
    for (const round of [1, 2, 3]) {
      ours = closeAt(merge(base, ours, theirs), 10 * round + 3);
      base = theirs;
      theirs = closeAt(theirs, 10 * round + 4);
    }
    const cycles = mergedCycles(base, ours, theirs);
    expect(cycles.map(({ plan }) => plan?.topic)).toEqual(
      [1, 2, 13, 14, 23, 24, 33, 34].map((time) => `closed at ${time}`),
    );
    expect(new Set(cycles.map(({ plan }) => plan?.id)).size).toBe(8);
  });

  it('takes the result back into the other branch, and then has nothing to do', () => {
    const ours = history(cycle(1, 1), cycle(3, 2));
    const theirs = history(cycle(2, 1));
    const merged = merge('', ours, theirs);
    // Theirs fast-forwards to the merge: its own cycle has another number there.
    const back = merge(theirs, theirs, merged);
    expect(JSON.parse(back)).toMatchObject({ cycles: [{}, {}, {}] });
    const again = merge(merged, merged, back);
    expect((JSON.parse(again) as { cycles: Cycle[] }).cycles).toHaveLength(3);
  });

  it('has the same cycle once that both sides took from elsewhere', () => {
    const picked = cycle(5, 7);
    expect(shown(mergedCycles('', history(cycle(1, 1), picked), history(picked, cycle(6, 8))))).toEqual([
      ['1', 1],
      ['5', 7],
      ['6', 8],
    ]);
  });

  it('keeps two cycles that are alike as two', () => {
    const empty = cycle(1);
    expect(
      mergedCycles(history(empty, empty), history(empty, empty), history(empty, empty, empty)),
    ).toHaveLength(3);
  });

  it('keeps cycles of one plan together when they get a new number', () => {
    const part = (time: number, id: number): Cycle => cycle(time, id);
    const cycles = mergedCycles('', history(cycle(1, 1)), history(part(2, 1), part(3, 1)));
    expect(cycles.map(({ plan }) => plan?.id)).toEqual([1, 2, 2]);
  });

  it('compares moments, not their spelling, and lets a cycle without one follow the one before it', () => {
    const at = (completed_at: string | undefined, id: number): Cycle => ({
      ...(completed_at === undefined ? {} : { completed_at }),
      plan: { id },
    });
    const ours = history(at('2026-01-01T12:00:00+02:00', 1), at(undefined, 2));
    const theirs = history(at('2026-01-01T11:00:00Z', 3), at('2026-01-01T09:59:59.999Z', 4));
    expect(mergedCycles('', ours, theirs).map(({ plan }) => plan?.id)).toEqual([1, 2, 3, 4]);
    const early = history(at('2026-01-01T09:00:00Z', 3), at(undefined, 4));
    expect(mergedCycles('', ours, early).map(({ plan }) => plan?.id)).toEqual([3, 4, 1, 2]);
  });

  it('keeps everything else of a renumbered cycle, to the letter', () => {
    const theirs =
      '{"cycles":[{"z":1.50,"plan":{"topic":"t","x":12345678901234567890,"id":1,"__proto__":{"a":1}},"completed_at":"2026-01-01T00:00:00Z","2":1}]}';
    const merged = merge('', history(cycle(1, 1)), theirs);
    for (const kept of ['"z": 1.50', '"x": 12345678901234567890', '"__proto__": {"a":1}', '"id": 2'])
      expect(merged).toContain(kept);
    expect(merged.indexOf('"topic": "t"')).toBeLessThan(merged.indexOf('"id": 2'));
  });

  it('merges members beside the list three ways', () => {
    const sides = (base: object, ours: object, theirs: object): unknown =>
      JSON.parse(merge({ ...base, cycles: [] }, { ...ours, cycles: [] }, { ...theirs, cycles: [] }));
    expect(sides({ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 3, b: 1 })).toEqual({ a: 3, b: 2, cycles: [] });
    expect(sides({}, { x: { y: 1 } }, { z: [1] })).toEqual({ x: { y: 1 }, z: [1], cycles: [] });
    expect(sides({ gone: 1, kept: 1 }, { kept: 1 }, { gone: 1, kept: 1 })).toEqual({ kept: 1, cycles: [] });
    expect(sides({ a: 1 }, { a: 2 }, { a: 2 })).toEqual({ a: 2, cycles: [] });
    expect(() => sides({ a: 1 }, { a: 2 }, { a: 3 })).toThrow(conflict);
  });

  it('reads every layout and writes one', () => {
    const merged = merge('{ }', '{"cycles":[ ]}', '{\r\n"cycles":[{"completed_at":"2026-01-01T00:00:00Z"}]}');
    expect(merged).toBe('{\n  "cycles": [\n    {"completed_at":"2026-01-01T00:00:00Z"}\n  ]\n}\n');
  });

  it.each([
    ['our side dropped a cycle', history(cycle(1, 1)), history(), history(cycle(1, 1))],
    [
      'their side changed a cycle',
      history(cycle(1, 1)),
      history(cycle(1, 1)),
      history(cycle(1, 1, { branch: 'other' })),
    ],
    ['our side is empty', history(), '', history()],
    ['their side holds conflict markers', history(), history(), '<<<<<<< ours\n'],
    ['the base is no history', '[]', history(), history()],
    ['their side is cut off', history(), history(), '{"cycles":[{"a":1}'],
    ['our side has no list', history(), '{"cycles":5}', history()],
    ['our side names a key twice', history(), '{"cycles":[],"cycles":[]}', history()],
    [
      'a cycle to be renumbered names a key twice',
      '',
      '{"cycles":[{"plan":{"id":1}}]}',
      '{"cycles":[{"plan":{"id":1},"a":1,"a":2}]}',
    ],
    ['their side is not UTF-8', history(), history(), Buffer.from([0x7b, 0xff])],
  ])('refuses when %s', (_name, base, ours, theirs) => {
    expect(() => merge(base, ours, theirs)).toThrow(conflict);
  });

  it('bears cycles of every shape', () => {
    const odd = { cycles: [1, 'x', null, [], {}, { plan: 5 }, { plan: { id: 'x' } }, { completed_at: 5 }] };
    expect(mergedCycles('', odd, odd)).toEqual(odd.cycles);
    expect(mergedCycles('', history(cycle(1, 1)), odd)).toHaveLength(9);
  });
});
