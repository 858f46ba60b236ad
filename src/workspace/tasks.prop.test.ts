import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { summariseTasks } from './tasks.ts';

const status = fc.constantFrom('pending' as const, 'in_progress' as const, 'completed' as const);
/** Ids and dependencies from a small range: circles, self-references, gaps and repetitions come by themselves. */
const id = fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constantFrom(0.5, 1e300));
const tasks = fc.array(
  fc.record({
    id,
    title: fc.constant('x'),
    status,
    deps: fc.option(fc.array(id, { maxLength: 6 }), { nil: undefined }),
  }),
  {
    maxLength: 40,
  },
);

describe('readiness', () => {
  it('comes to an end for any graph, and means that nothing is waited for', () => {
    fc.assert(
      fc.property(tasks, (list) => {
        const { ready, total, completed, pending, blocked } = summariseTasks(list);
        expect(total).toBe(list.length);
        expect(completed + pending + blocked).toBe(total);
        const done = (wanted: number): boolean =>
          list.some((task) => task.id === wanted && task.status === 'completed');
        const expected = list.filter((task) => task.status === 'pending' && (task.deps ?? []).every(done));
        expect(ready).toEqual(expected.map((task) => task.id));
      }),
    );
  });

  it('reaches every task that is in no circle and misses nothing, and none that is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 4 }), { maxLength: 10 }),
        (graph) => {
          const list = graph.map((deps, index) => ({
            id: index + 1,
            title: 'x',
            status: 'pending' as string,
            deps,
          }));
          const asTasks = list as Parameters<typeof summariseTasks>[0] & { status: string }[];
          for (let round = 0; round <= graph.length; round += 1) {
            for (const ready of summariseTasks(asTasks).ready) {
              const task = list[ready - 1];
              if (task !== undefined) task.status = 'completed';
            }
          }
          expect(summariseTasks(asTasks).ready).toEqual([]);
          const reachable = (wanted: number, seen: readonly number[]): boolean =>
            list[wanted - 1] !== undefined &&
            !seen.includes(wanted) &&
            (list[wanted - 1]?.deps ?? []).every((dep) => reachable(dep, [...seen, wanted]));
          expect(list.filter((task) => task.status === 'completed').map((task) => task.id)).toEqual(
            list.map((task) => task.id).filter((wanted) => reachable(wanted, [])),
          );
        },
      ),
    );
  });
});
