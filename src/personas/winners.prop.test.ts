import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareVersions } from './version.ts';
import { type Candidate, chooseWinners, compareCandidates } from './winners.ts';

const version = fc.constantFrom('0.9.0', '0.10.0', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', '1.0.0+b', '2.0.0');
const candidate: fc.Arbitrary<Candidate> = fc
  .record({
    id: fc.constantFrom('cody', 'ada', 'bob'),
    version,
    folder: fc.constantFrom('cody-1.0.0', 'x', 'y', 'ada-0.10.0'),
    searchPathIndex: fc.nat(3),
    pinned: fc.boolean(),
  })
  .map((each) => ({ ...each, dir: `/p${each.searchPathIndex}/${each.folder}` }));
/** No two in one folder, and one pin at most: what a disk and a command line can hold. */
const candidates = fc.uniqueArray(candidate, { selector: ({ dir }) => dir, maxLength: 8 }).map((all) => {
  const pin = all.findIndex(({ pinned }) => pinned === true);
  return all.map((each, at) => ({ ...each, pinned: at === pin }));
});

describe('the winner among packs of one id', () => {
  it('is the same whatever the order they are found in', () => {
    fc.assert(
      fc.property(candidates, fc.infiniteStream(fc.nat()), (all, random) => {
        const shuffled = all
          .map((each) => ({ each, key: random.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const byId = (winners: ReadonlyMap<string, Candidate>) => new Map([...winners].sort());
        expect(byId(chooseWinners(shuffled))).toEqual(byId(chooseWinners(all)));
      }),
    );
  });

  it('is pinned, or in the earliest search path, and there of the highest version', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const winners = chooseWinners(all);
        expect(new Set(winners.keys())).toEqual(new Set(all.map(({ id }) => id)));
        for (const [id, winner] of winners) {
          const rivals = all.filter((each) => each.id === id);
          const pinned = rivals.find((each) => each.pinned === true);
          if (pinned !== undefined) expect(winner).toBe(pinned);
          else {
            const first = Math.min(...rivals.map(({ searchPathIndex }) => searchPathIndex));
            expect(winner.searchPathIndex).toBe(first);
            for (const rival of rivals.filter(({ searchPathIndex }) => searchPathIndex === first))
              expect(compareVersions(winner.version, rival.version)).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });

  it('follows from an order that is total', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        for (const a of all)
          for (const b of all)
            expect(Math.sign(compareCandidates(a, b))).toBe(0 - Math.sign(compareCandidates(b, a)));
        const sorted = [...all].sort(compareCandidates);
        for (const [at, a] of sorted.entries())
          for (const b of sorted.slice(at + 1)) expect(compareCandidates(a, b)).toBeLessThan(0);
      }),
    );
  });
});
