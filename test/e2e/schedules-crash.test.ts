import { describe, expect, it } from 'vitest';

import { soak } from '../support/scheduler-soak.ts';

// The whole, forty kills and more, is test/soak/schedules.ts.
describe('two schedulers on one home, one of them killed now and then', () => {
  it('give each due time one outcome and never let two runs of a script overlap', async () => {
    const report = await soak({ kills: 5, schedulers: 2, pauseMs: [300, 1_200], seed: 3 });
    expect(report.faults).toEqual([]);
    expect(report.runs).toBeGreaterThan(3);
  });
});
