import { describe, expect, it } from 'vitest';

import { soakPlan } from '../support/plan-soak.ts';
import { temporaryFolder } from '../support/run-nexo.ts';

describe('a plan that is executed while its executor is killed and stopped', () => {
  // A sample of test/soak/plan-execute.ts, which does the same with 200 tasks.
  it('ends every task once, in order, with one owner at a time on a file', async () => {
    const report = await soakPlan({
      ...{
        folder: temporaryFolder('plan-soak'),
        tasks: 14,
        seed: 7,
        kills: 2,
        stops: 1,
        parallel: 4,
        timeoutS: 2,
      },
    });
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ kills: 2, stops: 1, tasks: 14 });
  });
});
