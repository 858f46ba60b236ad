import type { HarnessName } from '../src/harness/contract.ts';
import type { PayloadQuestion } from '../test/support/hook-payloads.ts';
import type { Row } from './rows.ts';

export const HOOK_HARNESSES = ['claude', 'codex', 'opencode'] as const satisfies readonly HarnessName[];

interface HookCase<Name extends string = string> {
  readonly name: Name;
  readonly question: Pick<PayloadQuestion, 'event' | 'agent' | 'use'>;
  /** Of the process: 2 is a refusal. */
  readonly exitCode: number;
  readonly atMost: number;
}

/** Every event, in the order of a session; tool events as Lead, and as an agent that may not edit files. */
export const HOOK_CASES = [
  free('session-start', { event: 'session-start' }),
  free('user-message', { event: 'user-message' }),
  free('subagent-spawn', { event: 'subagent-spawn' }),
  free('pre-tool-use', { event: 'pre-tool-use' }),
  gated('pre-tool-use, edit refused', { event: 'pre-tool-use', agent: 'architect' }, 2),
  gated('pre-tool-use, shell judged', { event: 'pre-tool-use', agent: 'architect', use: 'shell' }, 0),
  free('post-tool-use', { event: 'post-tool-use' }),
  free('post-tool-use, note read', { event: 'post-tool-use', use: 'read' }),
  free('subagent-complete', { event: 'subagent-complete' }),
  free('context-compact', { event: 'context-compact' }),
  free('session-end', { event: 'session-end' }),
] as const;

export type HookRowId = `hook ${(typeof HOOK_HARNESSES)[number]} ${(typeof HOOK_CASES)[number]['name']}`;

export function hookRow(
  harness: (typeof HOOK_HARNESSES)[number],
  name: (typeof HOOK_CASES)[number]['name'],
): HookRowId {
  return `hook ${harness} ${name}`;
}

/** All of them against bare Node.js; the limits are those of the design. */
export const HOOK_ROWS = Object.fromEntries(
  HOOK_HARNESSES.flatMap((harness) =>
    HOOK_CASES.map(({ name, atMost }): [HookRowId, Row] => [
      hookRow(harness, name),
      {
        what: `hook, ${harness}: ${name}`,
        unit: 'ms',
        against: 'floor',
        budget: { kind: 'ratio', atMost },
      },
    ]),
  ),
) as Readonly<Record<HookRowId, Row>>;

/** Where no gate decides. */
function free<Name extends string>(name: Name, question: HookCase['question']): HookCase<Name> {
  return { name, question, exitCode: 0, atMost: 1.4 };
}

/** With a gate and, for a command, the shell parser. */
function gated<Name extends string>(
  name: Name,
  question: HookCase['question'],
  exitCode: number,
): HookCase<Name> {
  return { name, question, exitCode, atMost: 2 };
}
