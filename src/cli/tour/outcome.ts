import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError } from '../../errors.ts';
import { CycleSchema, HistoryFileSchema } from '../../workspace/state-schemas.ts';

export interface ExpectedOutcome {
  readonly planId: number;
  readonly taskIds: readonly number[];
  /** Path of the note, and what it holds. */
  readonly artifact: string;
  readonly note: string;
}

/**
 * Looks at the files, not at what the server said: the tour ends well only if everything it told is there.
 * Throws TOUR_FAILED with the first thing that is not.
 */
export function checkOutcome(root: string, { planId, taskIds, artifact, note }: ExpectedOutcome): void {
  const state = join(root, '.nexus', 'state');
  for (const name of ['plan.json', 'tasks.json']) {
    ensure(!existsSync(join(state, name)), `${name} should be gone after the cycle was closed`);
  }
  const history = HistoryFileSchema.safeParse(
    JSON.parse(readFileSync(join(root, '.nexus', 'history.json'), 'utf8')),
  );
  const cycle = CycleSchema.safeParse(history.data?.cycles.at(-1));
  ensure(cycle.success, '.nexus/history.json should end with a whole cycle');
  const { plan, tasks } = cycle.data;
  ensure(plan?.id === planId, `the last cycle should hold plan ${planId}`);
  ensure(
    plan.issues.length === 2 && plan.issues.every(({ status, decision }) => status === 'decided' && decision),
    'both issues should be decided there',
  );
  ensure(new Set(taskIds).size === taskIds.length, 'no two tasks should share a number');
  ensure(
    JSON.stringify(tasks.map(({ id }) => id).sort()) === JSON.stringify([...taskIds].sort()),
    `tasks ${taskIds.join(', ')} should be there`,
  );
  ensure(
    tasks.every(({ status }) => status === 'completed'),
    'all tasks should be completed there',
  );
  ensure(existsSync(artifact) && readFileSync(artifact, 'utf8') === note, `${artifact} should hold the note`);
}

function ensure(isTrue: boolean, expectation: string): asserts isTrue {
  if (isTrue) return;
  throw new NexoError('TOUR_FAILED', `The tour did not come out as told: ${expectation}.`, {
    hint: 'This is a fault in Nexo. The copy is still there to look at.',
  });
}
