import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SKILL_LEVELS, type SkillLevel } from './definition.ts';
import { judgeIdleness, judgeUse, levelAfterSync } from './trust.ts';

const level = fc.constantFrom(...SKILL_LEVELS);
const DAY_MS = 86_400_000;

describe('judgeUse', () => {
  it('stays between 0 and 100, moves by 5 up or 10 down, and rises by one level at most', () => {
    fc.assert(
      fc.property(
        level,
        fc.array(fc.boolean(), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (from, uses, stableAfterUses) => {
          let record = {
            level: from,
            trustScore: 50,
            useCount: 0,
            successCount: 0,
            failCount: 0,
            stableAfterUses,
          };
          for (const success of uses) {
            const judged = judgeUse(record, success, record.successCount + (success ? 1 : 0));
            const expected = Math.max(0, Math.min(100, record.trustScore + (success ? 5 : -10)));
            expect(judged.trustScore).toBe(expected);
            expect(judged.promotion === '').toBe(judged.level === record.level);
            const rose = SKILL_LEVELS.indexOf(judged.level) - SKILL_LEVELS.indexOf(record.level);
            if (judged.level !== 'archived') expect([0, 1]).toContain(rose);
            else expect(record.level === 'archived' || judged.trustScore < 20).toBe(true);
            if (judged.level === 'stable' && record.level !== 'stable') expect(record.failCount).toBe(0);
            record = {
              ...record,
              ...{ level: judged.level, trustScore: judged.trustScore, useCount: record.useCount + 1 },
              successCount: record.successCount + (success ? 1 : 0),
              failCount: record.failCount + (success ? 0 : 1),
            };
          }
        },
      ),
    );
  });
});

describe('judgeIdleness', () => {
  it('never raises trust or a level, and only what is archived goes', () => {
    fc.assert(
      fc.property(
        level,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 400 }),
        (from, trustScore, days) => {
          const judged = judgeIdleness({ level: from, trustScore }, days * DAY_MS);
          if (judged.kind === 'purge') expect(from).toBe('archived');
          if (judged.kind !== 'change') return;
          expect(judged.trustScore).toBeLessThanOrEqual(trustScore);
          expect(['archived', from]).toContain(judged.level);
          expect(days).toBeGreaterThanOrEqual(from === 'draft' ? 30 : 90);
        },
      ),
    );
  });
});

describe('levelAfterSync', () => {
  it('is never below the record, gives the same the second time, and leaves archived as it is', () => {
    fc.assert(
      fc.property(level, level, (stored, declared) => {
        const once: SkillLevel = levelAfterSync(stored, declared);
        expect(levelAfterSync(once, declared)).toBe(once);
        expect(SKILL_LEVELS.indexOf(once)).toBeGreaterThanOrEqual(SKILL_LEVELS.indexOf(stored));
        if (stored === 'archived') expect(once).toBe('archived');
      }),
    );
  });
});
