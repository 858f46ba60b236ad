import { describe, expect, it } from 'vitest';

import { HARNESS_NAMES } from '../../src/harness/contract.ts';
import { fuzzHooks } from './fuzz.ts';

/** A bounded sample; `node test/hooks/fuzz-main.ts --cases 10000` is the whole. */
const cases = Number(process.env.HOOK_FUZZ_CASES ?? 1_500);
const seed = Number(process.env.HOOK_FUZZ_SEED ?? 20_261_121);

describe('spoilt payloads', () => {
  it.each(HARNESS_NAMES)(
    'of %s get an answer that it understands, and no gate opens for them',
    async (harness) => {
      const { faults, refused } = await fuzzHooks(harness, cases, seed);
      expect(faults.slice(0, 10)).toEqual([]);
      // The sample reaches the gate at all.
      expect(refused).toBeGreaterThan(cases / 100);
    },
    120_000,
  );
});
