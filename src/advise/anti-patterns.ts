import type { Timing } from './timing.ts';

/** A way that leads astray, found in what was asked for. */
export interface AntiPattern {
  readonly id: string;
  readonly found: string;
  readonly instead: string;
}

interface Rule {
  readonly id: string;
  readonly pattern: RegExp;
  /** Only where the need also says when. */
  readonly withTiming?: true;
  readonly instead: string;
}

const RULES: readonly Rule[] = [
  {
    id: 'plist-edit',
    pattern:
      /\bplists?\b|\blaunch ?agents?\b|\blaunchctl\b|\bcrontab\b|\bsystemctl\b|\bsystemd (unit|timer)\b/,
    instead: 'Declare the schedule in the script’s header; nexo scripts reconcile writes the units.',
  },
  {
    id: 'unsupported-schedule',
    pattern:
      /\bmonthly:\d+|\b\d+d\b|(?<![\w*/])(\*\/\d+|\d{1,2}|\*)(\s+(\*\/\d+|\d{1,2}|\*)){4}(?![\w*/])|\bcron (expression|syntax|line)\b/,
    instead:
      'Use schedule=HH:MM, schedule=HH:MM:weekday or interval_seconds; for days of the month, the monthly pattern.',
  },
  {
    id: 'skill-as-scheduler',
    pattern: /\bskill\b/,
    withTiming: true,
    instead: 'A skill says how; a script with a schedule does it at its time.',
  },
  {
    id: 'plugin-for-a-job',
    pattern: /\bplug-?in\b/,
    withTiming: true,
    instead: 'A plugin offers tools to a model; a script with a schedule runs without one.',
  },
  {
    id: 'database-access',
    pattern: /\bnexo\.db\b|\bcognitive\.db\b|\bsqlite\b/,
    instead: 'Ask through nexo … --json or the helper library.',
  },
  {
    id: 'hardcoded-model',
    pattern: /\bclaude -p\b|\bcodex exec\b|\b(gpt|claude|gemini|o\d)-[\w.]+\b/,
    instead: 'Run models through run_automation_text with caller= and tier=.',
  },
];

/** Ways of doing it that the words name and that should not be taken. */
export function findAntiPatterns(need: string, timing: Timing | undefined): readonly AntiPattern[] {
  const text = need.toLowerCase();
  return RULES.flatMap(({ id, pattern, withTiming, instead }) => {
    const found = pattern.exec(text)?.[0];
    if (found === undefined || (withTiming === true && timing === undefined)) return [];
    return [{ id, found: found.trim(), instead }];
  });
}
