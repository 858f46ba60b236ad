import { describe, expect, it } from 'vitest';

import { nextStep } from './failure-chain.ts';
import type { EndedStep, PlanTask, Role, StepKind, StepResult } from './plan-task.ts';
import { targetsOf } from './targets.ts';

const role = (id: string, category: Role['category'], writes: boolean): Role => ({
  ...{ id, category, writes },
  resumeTier: 'bounded',
});
const engineer = role('engineer', 'do', true);
const writer = role('writer', 'do', true);
const tester = role('tester', 'check', false);

function task(id: number, owner: Role, more: Partial<PlanTask> = {}): PlanTask {
  return {
    ...{ id, deps: [], role: owner, hasAcceptance: false, status: 'pending' },
    targets: targetsOf({ title: 't', context: 'a.ts' }),
    ...more,
  };
}

/** The steps of the first task, told by kind and result, until it ends. */
function life(tasks: readonly PlanTask[], results: readonly StepResult[]): string[] {
  const byId = new Map(tasks.map((each) => [each.id, each]));
  const past: EndedStep[] = [];
  const told: string[] = [];
  for (let at = 0; at < 20; at += 1) {
    const next = nextStep(tasks[0] as PlanTask, past, byId);
    if ('end' in next) return [...told, next.end.state];
    const result = results[at] ?? 'passed';
    past.push({ ...next.step, result });
    told.push(
      `${next.step.kind} ${next.step.role}${next.step.about === tasks[0]?.id ? '' : ` on ${next.step.about}`}`,
    );
  }
  return told;
}

describe('the life of a task', () => {
  it('is over after the work where nothing asks for a check', () => {
    expect(life([task(1, engineer)], [])).toEqual(['work engineer', 'completed']);
  });

  it('has a tester where there are criteria, and a reviewer after every writer', () => {
    expect(life([task(1, engineer, { hasAcceptance: true })], [])).toEqual([
      ...['work engineer', 'check tester', 'completed'],
    ]);
    expect(life([task(1, writer)], [])).toEqual(['work writer', 'check reviewer', 'completed']);
  });

  it('leaves the check to the task that the plan has for it', () => {
    const check = task(2, tester, { deps: [1] });
    expect(life([task(1, engineer, { hasAcceptance: true }), check], [])).toEqual([
      'work engineer',
      'completed',
    ]);
  });

  it('has one diagnosis and one new delivery, and is verified again', () => {
    expect(life([task(1, engineer)], ['failed'])).toEqual([
      ...['work engineer', 'diagnose architect', 'work engineer', 'check tester', 'completed'],
    ]);
    expect(life([task(1, writer)], ['passed', 'rejected', 'passed', 'passed', 'rejected'])).toEqual([
      ...['work writer', 'check reviewer', 'diagnose strategist', 'work writer', 'check reviewer', 'blocked'],
    ]);
  });

  it('sends what a check of its own rejects back to whoever made it', () => {
    const tasks = [task(3, tester, { deps: [1, 2] }), task(1, engineer), task(2, writer)];
    expect(life(tasks, ['rejected'])).toEqual([
      ...['work tester', 'diagnose architect', 'rework engineer on 1', 'rework writer on 2'],
      ...['work tester', 'completed'],
    ]);
    expect(life(tasks, ['rejected', 'failed', 'passed', 'failed']).at(-1)).toBe('blocked');
  });

  it('is blocked when its run is cancelled, and when nobody bears the name of its owner', () => {
    const one = task(1, engineer);
    const cancelled: EndedStep = {
      kind: 'work' as StepKind,
      role: 'engineer',
      about: 1,
      result: 'failed',
      cancelled: true,
    };
    expect(nextStep(one, [cancelled], new Map())).toEqual({
      end: { state: 'blocked', why: 'its work was cancelled' },
    });
    expect(nextStep({ ...one, role: undefined }, [], new Map())).toMatchObject({ end: { state: 'blocked' } });
  });
});
