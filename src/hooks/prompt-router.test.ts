import { describe, expect, it } from 'vitest';

import { emptyState, planWith, tasksWith } from '../../test/support/hook-state.ts';
import { decide } from './decide.ts';
import type { HookEvent } from './events.ts';
import { findTags } from './prompt-router.ts';
import type { HookState } from './state.ts';

function say(prompt: string, state: Partial<HookState> = {}): ReturnType<typeof decide> {
  const event: HookEvent = { name: 'user-message', cwd: '/p', sessionId: 's', agent: undefined, prompt };
  return decide(event, { ...emptyState, ...state });
}

function told(effects: ReturnType<typeof decide>): string {
  return effects.map((effect) => (effect.kind === 'inform-model' ? effect.text : '')).join('');
}

describe('tags in a message', () => {
  it('finds each base once, the first one written, anywhere in the text', () => {
    expect(findTags('please [plan:auto] this, then [run], then [plan]')).toEqual([
      { base: 'plan', variant: 'auto' },
      { base: 'run', variant: undefined },
    ]);
  });

  it.each([
    '`[run]` is a tag',
    '```\n[run]\n```',
    '```\n[run]',
    '[run](https://example.org)',
    '[running]',
    '[Run]',
    '[plan:later]',
    'a[0][d2]',
  ])('leaves %j alone', (prompt) => {
    expect(findTags(prompt)).toEqual([]);
  });

  it('routes skills by their tag and variant', () => {
    expect(told(say('[plan:auto] a cache'))).toContain('Activate the skill nx-plan in auto mode');
    expect(told(say('[sync]'))).toContain('nx-sync');
    expect(told(say('[init:reset]'))).toContain('nx-init in reset mode');
  });

  it('plans first when there is nothing to run', () => {
    expect(told(say('[run]'))).toContain('nx-plan in auto mode first');
    expect(told(say('[run]', { tasks: tasksWith([]) }))).toContain('Activate the skill nx-run');
  });

  it('refuses a decision without a plan, and takes it with one', () => {
    expect(say('[d] LRU')).toEqual([
      {
        kind: 'refuse',
        rule: 'tag',
        reason: 'There is no active plan to decide on. Start one with [plan] first.',
      },
    ]);
    expect(told(say('[d] LRU', { plan: planWith(['Eviction']) }))).toContain('plan_decide');
  });

  it('says whether a rule reaches an agent by itself', () => {
    expect(told(say('[rule:engineer] tabs'))).toContain('The agent engineer gets it');
    expect(told(say('[rule:release] tag first'))).toContain('nobody gets it by itself');
    expect(told(say('[rule] tabs'))).toContain('engineer, tester');
    expect(findTags('[rule:../../etc/passwd]')).toEqual([]);
  });

  it('never offers a skill that only a person may start', () => {
    for (const prompt of ['hello', '[plan]', '[run]', '[m] note', 'set this project up please']) {
      expect(told(say(prompt, { plan: planWith(['A']) }))).not.toContain('nx-init');
    }
  });
});

describe('a message without tags', () => {
  it('tells nothing when there is nothing to tell', () => {
    expect(say('hello')).toEqual([]);
  });

  it('tells plan and tasks with what can start', () => {
    const tasks = tasksWith([
      { id: 1, status: 'completed' },
      { id: 2, deps: [1] },
      { id: 3, deps: [2] },
    ]);
    const text = told(say('hello', { plan: planWith(['A', 'B'], [1]), tasks }));
    expect(text).toContain('1 pending and 1 decided issues');
    expect(text).toContain('2 of 3 not completed; ready to start: 2.');
  });

  it('says that a file cannot be read, which is not the same as having none', () => {
    expect(told(say('hello', { plan: 'damaged' }))).toContain('plan.json cannot be read');
  });
});
