import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decide } from './decide.ts';
import { nameFrom, routeOf } from './route.ts';
import { readTiming } from './timing.ts';

const paths = {
  scripts: '/n/personal/scripts',
  skills: '/n/personal/skills',
  plugins: '/n/personal/plugins',
};

/** Need → artifact, its companions, and what else has to be said. */
const CASES: readonly (readonly [string, string | null, readonly string[], Record<string, unknown>])[] = [
  [
    'send me a sales report each morning at 8',
    'script',
    ['schedule'],
    { rule: 4, timing: { kind: 'daily', at: '08:00', isGuess: false } },
  ],
  [
    'on the first day of each month audit listings',
    'script',
    ['schedule'],
    { timing: { kind: 'gated', at: '09:00', days: 'day 1 of the month', isGuess: true } },
  ],
  ['a tool so Claude can look up CRM contacts', 'plugin', [], { rule: 2 }],
  ['how we do a release review, step by step', 'skill', [], { rule: 3, mode: 'guide' }],
  ['release review with a script that gathers data', 'skill', [], { mode: 'hybrid' }],
  [
    'run my existing backup script every 2 hours',
    'schedule',
    [],
    { rule: 5, timing: { kind: 'interval', seconds: 7200 } },
  ],
  ['keep a listener running all the time', 'script', ['schedule'], { timing: { kind: 'daemon' } }],
  ['everyone should get a better doctor output', 'core', [], { rule: 1 }],
  [
    'plugin that runs a job every day',
    'script',
    ['schedule'],
    { antiPatterns: [expect.objectContaining({ id: 'plugin-for-a-job' })] },
  ],
  [
    'skill that runs at 3am',
    'script',
    ['schedule'],
    { antiPatterns: [expect.objectContaining({ id: 'skill-as-scheduler' })] },
  ],
  [
    'edit the plist so it runs at 9',
    'schedule',
    [],
    { antiPatterns: [expect.objectContaining({ id: 'plist-edit' })] },
  ],
  [
    'something for my inbox',
    null,
    [],
    { questions: expect.arrayContaining([expect.stringContaining('by itself')]) },
  ],
  [
    'back up my notes folder every night',
    'script',
    ['schedule'],
    { timing: { kind: 'daily', at: '02:00', isGuess: true } },
  ],
  ['expose our ticket search to codex as an mcp tool', 'plugin', [], {}],
  ['a checklist for onboarding a new customer', 'skill', [], { mode: 'guide' }],
  [
    'clean up old downloads every sunday at 20:30',
    'script',
    ['schedule'],
    { timing: { kind: 'weekly', at: '20:30', weekday: 0, isGuess: false } },
  ],
  [
    '0 9 * * 1 fetch the metrics',
    'script',
    ['schedule'],
    { timing: { kind: 'weekly', at: '09:00', weekday: 1, isGuess: false } },
  ],
  ['ship a dark theme to all users', 'core', [], {}],
];

describe('decide', () => {
  it.each(CASES)('%s', (text, artifact, companions, more) => {
    expect(decide({ text })).toMatchObject({ artifact, companions, ...more });
  });

  it('lets what is said outright beat what the words hint at', () => {
    expect(decide({ text: 'something for my inbox', needsMcpTool: true }).artifact).toBe('plugin');
    expect(decide({ text: 'something for my inbox', autonomous: true }).artifact).toBe('script');
    expect(decide({ text: 'every day at 7', script: 'backup' })).toMatchObject({
      artifact: 'schedule',
      questions: [],
    });
    expect(decide({ text: 'a tool so Claude can query sales', forAllUsers: true }).artifact).toBe('core');
  });

  it('answers any words, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        const decision = decide({ text });
        expect(decision).toEqual(decide({ text }));
        if (decision.artifact === null) expect(decision.questions).not.toEqual([]);
        expect(decision.confidence).toBeGreaterThanOrEqual(0);
        expect(decision.confidence).toBeLessThanOrEqual(1);
        expect(nameFrom(text)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      }),
    );
  });
});

describe('routeOf', () => {
  const commandsFor = (text: string): readonly string[] =>
    routeOf(decide({ text }), { text }, paths).nextCommands;

  it('never proposes a form that the parser refuses', () => {
    expect(commandsFor('on the first day of each month audit listings')).toEqual([
      'nexo scripts create audit-listings --schedule 09:00 --monthly 1',
      'nexo scripts doctor audit-listings',
      'nexo scripts reconcile',
      'nexo scripts schedules',
    ]);
    expect(commandsFor('pull the exchange rates every 2d')[0]).toBe(
      'nexo scripts create pull-exchange-rates --interval 172800',
    );
  });

  it('names the commands and the folder of each kind', () => {
    expect(commandsFor('a tool so Claude can query CRM contacts')[0]).toBe(
      'nexo plugins create query-crm-contacts',
    );
    expect(commandsFor('release review with a script that gathers data')[0]).toBe(
      'nexo skills create release-review-gathers --mode hybrid',
    );
    expect(commandsFor('run my existing backup script every 2 hours').slice(0, 2)).toEqual([
      '# nexo: interval_seconds=7200',
      '# nexo: schedule_required=true',
    ]);
  });
});

describe('readTiming', () => {
  it.each([
    ['at 8 in the evening every day', { kind: 'daily', at: '20:00', isGuess: false }],
    ['every day at 12am', { kind: 'daily', at: '00:00', isGuess: false }],
    ['daily at 12:15 pm', { kind: 'daily', at: '12:15', isGuess: false }],
    ['every weekday at 7', { kind: 'gated', at: '07:00', days: 'Monday to Friday', isGuess: false }],
    [
      'on mondays and thursdays at 6:45',
      { kind: 'gated', at: '06:45', days: 'Monday, Thursday', isGuess: false },
    ],
    ['every fifteen minutes', { kind: 'interval', seconds: 900 }],
    ['*/5 * * * *', { kind: 'interval', seconds: 300 }],
    ['0 6 15 * *', { kind: 'gated', at: '06:00', days: 'day 15 of the month', isGuess: false }],
    [
      'on the 15th of every month',
      { kind: 'gated', at: '09:00', days: 'day 15 of the month', isGuess: true },
    ],
    [
      'the last day of the month',
      { kind: 'gated', at: '09:00', days: 'the last day of the month', isGuess: true },
    ],
  ])('%s', (text, expected) => {
    expect(readTiming(text)).toEqual(expected);
  });

  it.each([
    'call 8 customers',
    'look at 50% of the rows',
    'a version 2:1 screen',
    'fix the daylight bug',
    '',
  ])('finds none in "%s"', (text) => {
    expect(readTiming(text)).toBeUndefined();
  });
});
