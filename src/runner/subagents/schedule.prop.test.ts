import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { EndedStep, PlanTask, Role, StepResult, TaskEnd } from './plan-task.ts';
import { decide } from './schedule.ts';
import { sharesTargets, type Targets, UNKNOWN_TARGETS } from './targets.ts';

const ROLES: readonly Role[] = [
  { id: 'engineer', category: 'do', resumeTier: 'bounded', writes: true },
  { id: 'writer', category: 'do', resumeTier: 'bounded', writes: true },
  { id: 'researcher', category: 'do', resumeTier: 'persistent', writes: false },
  { id: 'tester', category: 'check', resumeTier: 'ephemeral', writes: false },
  { id: 'architect', category: 'how', resumeTier: 'persistent', writes: false },
  { id: 'lead', category: 'lead', resumeTier: 'persistent', writes: true },
];

const targets: fc.Arbitrary<Targets> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(UNKNOWN_TARGETS) },
  {
    weight: 5,
    arbitrary: fc
      .uniqueArray(fc.constantFrom('a.ts', 'b.ts', 'src', 'src/c.ts', 'src/d/e.ts', 'docs/f.md'), {
        minLength: 1,
        maxLength: 3,
      })
      .map((paths): Targets => ({ kind: 'named', paths })),
  },
);

/** Any graph: dependencies may point forward, to themselves, in circles, or at nothing. */
const plans = fc.integer({ min: 1, max: 30 }).chain((size) =>
  fc.array(
    fc.record({
      role: fc.option(fc.constantFrom(...ROLES), { nil: undefined, freq: 20 }),
      deps: fc.uniqueArray(fc.integer({ min: 1, max: size + 1 }), { maxLength: 2 }),
      backwards: fc.integer({ min: 0, max: 9 }),
      hasAcceptance: fc.boolean(),
      isDone: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      targets,
    }),
    { minLength: size, maxLength: size },
  ),
);

const events = fc.array(
  fc.record({
    pick: fc.nat(),
    result: fc.constantFrom<StepResult>('passed', 'passed', 'passed', 'failed', 'rejected'),
    cancelled: fc.integer({ min: 0, max: 30 }).map((n) => n === 0),
    /** The program is killed: what was under way is lost, what has ended is known. */
    killed: fc.integer({ min: 0, max: 12 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('the scheduler', () => {
  it('ends every task once, after what it depends on, with never two owners on a file', () => {
    fc.assert(
      fc.property(plans, events, fc.integer({ min: 1, max: 6 }), (plan, script, parallel) => {
        const tasks = new Map<number, PlanTask>(
          plan.map(({ deps, backwards, isDone, ...rest }, at) => [
            at + 1,
            {
              id: at + 1,
              // Most of them point back, as a plan's do.
              deps: deps.filter((dep) => backwards === 0 || dep <= at),
              status: isDone ? 'completed' : 'pending',
              ...rest,
            },
          ]),
        );
        const ended = new Map<number, TaskEnd>();
        const past = new Map<number, EndedStep[]>();
        const running = new Map<number, EndedStep>();
        let at = 0;
        for (let round = 0; ; round += 1) {
          expect(round).toBeLessThan(1500);
          const decision = decide({
            ...{ tasks, past, ended, parallel, stopping: false },
            running: new Set(running.keys()),
            chosen: new Set(tasks.keys()),
          });
          for (const { task, end } of decision.ended) {
            expect(ended.has(task)).toBe(false);
            expect(running.has(task)).toBe(false);
            ended.set(task, end);
          }
          for (const { task, step } of decision.start) {
            expect(ended.has(task)).toBe(false);
            expect(running.has(task)).toBe(false);
            const found = tasks.get(task) as PlanTask;
            for (const dep of found.deps)
              expect(ended.get(dep)?.state ?? tasks.get(dep)?.status).toBe('completed');
            running.set(task, { ...step, result: 'passed' });
          }
          expect(running.size).toBeLessThanOrEqual(parallel);
          const writers = [...running.values()].flatMap(({ about, role }) => {
            const on = tasks.get(about) as PlanTask;
            return ROLES.find(({ id }) => id === role)?.writes === true ? [on] : [];
          });
          writers.forEach((one, index) => {
            for (const other of writers.slice(index + 1))
              expect(sharesTargets(one.targets, other.targets)).toBe(false);
          });
          if (running.size === 0 && decision.start.length === 0) break;
          const event = script[at % script.length];
          at += 1;
          if (event === undefined) break;
          // Killed now and then, but not for ever.
          if (event.killed && at < 200) {
            running.clear();
            continue;
          }
          const ids = [...running.keys()];
          const id = ids[event.pick % ids.length] as number;
          const step = running.get(id) as EndedStep;
          running.delete(id);
          past.set(id, [
            ...(past.get(id) ?? []),
            { ...step, result: event.result, cancelled: event.cancelled },
          ]);
        }
        expect([...ended.keys()].sort((a, b) => a - b)).toEqual([...tasks.keys()]);
        for (const [id, end] of ended) {
          const steps = past.get(id) ?? [];
          if (end.state === 'skipped') expect(steps).toEqual([]);
          if (end.state === 'completed' && tasks.get(id)?.status !== 'completed')
            expect(steps.at(-1)?.result).toBe('passed');
          // One diagnosis and one new delivery, at most.
          expect(steps.filter(({ kind }) => kind === 'diagnose').length).toBeLessThanOrEqual(1);
          expect(steps.filter(({ kind }) => kind === 'work').length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 300 },
    );
  });
});
