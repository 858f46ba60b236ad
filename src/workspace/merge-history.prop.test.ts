import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergeHistory } from './merge-history.ts';

interface Cycle {
  readonly completed_at: string;
  readonly plan: { readonly id: number } | null;
  readonly mark: string;
}

/** One branch's doing: whether a cycle is closed with a plan, and how long after the one before. */
interface Step {
  readonly side: 0 | 1;
  readonly hasPlan: boolean;
  readonly seconds: number;
  readonly merges: boolean;
  readonly into: 0 | 1;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    side: fc.constantFrom(0 as const, 1 as const),
    hasPlan: fc.boolean(),
    seconds: fc.integer({ min: 1, max: 100 }),
    merges: fc.boolean(),
    into: fc.constantFrom(0 as const, 1 as const),
  }),
  { maxLength: 25 },
);

const write = (cycles: readonly Cycle[]): Buffer => Buffer.from(JSON.stringify({ cycles }));
const read = (text: string): Cycle[] => (JSON.parse(text) as { cycles: Cycle[] }).cycles;
const marks = (cycles: readonly Cycle[]): string[] => cycles.map(({ mark }) => mark);
const times = (cycles: readonly Cycle[]): string[] => cycles.map(({ completed_at }) => completed_at);

/** Closes a cycle as the tools do: the next plan id of that branch's own history. */
function close(cycles: readonly Cycle[], { hasPlan }: Step, time: number, mark: string): Cycle[] {
  const highest = cycles.reduce((high, { plan }) => Math.max(high, plan?.id ?? 0), 0);
  const completed_at = new Date(Date.UTC(2026, 0, 1) + time * 1000).toISOString();
  return [...cycles, { completed_at, plan: hasPlan ? { id: highest + 1 } : null, mark }];
}

describe('two branches that close cycles and merge as they like', () => {
  it('never conflict, lose nothing, keep plan ids apart, and stay in order of closing', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const branches: [Cycle[], Cycle[]] = [[], []];
        // What git takes for the common ancestor: the state of the other branch when it was merged last.
        let base: readonly Cycle[] = [];
        let time = 0;
        const closed: string[] = [];
        for (const [index, step] of list.entries()) {
          time += step.seconds;
          if (!step.merges) {
            const mark = `m${index}`;
            closed.push(mark);
            branches[step.side] = close(branches[step.side], step, time, mark);
            continue;
          }
          const [ours, theirs] = [branches[step.into], branches[1 - step.into] ?? []];
          const merged = read(mergeHistory({ base: write(base), ours: write(ours), theirs: write(theirs) }));
          expect(new Set(marks(merged))).toEqual(new Set([...marks(ours), ...marks(theirs)]));
          expect(marks(merged)).toHaveLength(new Set(marks(merged)).size);
          expect(times(merged)).toEqual([...times(merged)].sort());
          const ids = merged.flatMap(({ plan }) => (plan === null ? [] : [plan.id]));
          expect(ids).toHaveLength(new Set(ids).size);
          // Our own numbers stay.
          for (const own of ours) expect(merged).toContainEqual(own);
          branches[step.into] = merged;
          base = theirs;
        }
        const all = read(
          mergeHistory({ base: write(base), ours: write(branches[0]), theirs: write(branches[1]) }),
        );
        expect(marks(all)).toEqual(closed);
      }),
      { numRuns: 200 },
    );
  });

  it('come to the same, but for who keeps a number, whichever side merges', () => {
    fc.assert(
      fc.property(steps, (list) => {
        let time = 0;
        const start: Cycle[] = [];
        const branches: [Cycle[], Cycle[]] = [start, start];
        for (const [index, step] of list.entries()) {
          time += step.seconds;
          branches[step.side] = close(branches[step.side], step, time, `m${index}`);
        }
        const [a, b] = branches.map(write) as [Buffer, Buffer];
        const one = read(mergeHistory({ base: write(start), ours: a, theirs: b }));
        const two = read(mergeHistory({ base: write(start), ours: b, theirs: a }));
        expect(marks(one)).toEqual(marks(two));
        const withoutIds = (cycles: Cycle[]): unknown[] =>
          cycles.map((cycle) => ({ ...cycle, plan: cycle.plan !== null }));
        expect(withoutIds(one)).toEqual(withoutIds(two));
      }),
    );
  });
});
