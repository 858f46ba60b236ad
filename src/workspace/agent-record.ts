import { MAX_DEPTH } from '../base/json-document.ts';
import { NexoError } from '../errors.ts';
import type { StateCheck, StateFile } from './state-files.ts';

/**
 * What stands in an agent tracker and what may be put there, checked by hand: hooks start and end agents, and loading
 * the schemas takes longer than all the rest of such a process. `AgentEntrySchema` is the published form of the same.
 */
export interface AgentRead {
  readonly harness_id: string;
  readonly started_at: string;
  readonly agent_id?: string | undefined;
  readonly agent_name?: string | undefined;
  readonly status?: string | undefined;
  readonly resume_count?: number | undefined;
  readonly [member: string]: unknown;
}

/** The agent tracker of one harness. */
export function trackerFile(harnessId: string): StateFile {
  return {
    relativePath: `.nexus/state/${harnessId}/agent-tracker.json`,
    listKey: undefined,
    root: undefined,
    record: AGENT_CHECK,
    maxDepth: MAX_DEPTH,
    isEphemeral: true,
  };
}

type Field = readonly [name: string, is: (value: unknown) => boolean, expected: string];

const TEXT = 'expected text';
const AGENT_FIELDS: readonly Field[] = [
  ['harness_id', isText, TEXT],
  ['started_at', isText, TEXT],
  ['agent_id', isOptional(isText), TEXT],
  ['agent_name', isOptional(isText), TEXT],
  ['status', isOptional(isText), TEXT],
  ['resume_count', isOptional(Number.isFinite), 'expected a number'],
];

/** Known fields keep their types where a wrong one could be acted upon; everything else passes. */
const AGENT_CHECK: StateCheck = {
  safeParse(value) {
    if (!isRecord(value)) return fault([], 'expected an object');
    const wrong = AGENT_FIELDS.find(([name, is]) => !is(value[name]));
    return wrong === undefined ? { success: true } : fault([wrong[0]], wrong[2]);
  },
};

const INPUT_FIELDS: readonly Field[] = [
  ['harness_id', isOptional(isText), TEXT],
  ['agent_id', (value) => isText(value) && value !== '', 'expected text that is not empty'],
  ['agent_name', isOptional(isRole), 'expected lower-case letters, digits and dashes'],
  ['last_message', isOptional(isText), TEXT],
  ['files_touched', isOptional(isTextList), 'expected a list of texts'],
];

/** Returns what was said of an agent when only the `known` members are there and sound; throws INPUT_INVALID. */
export function checkAgentInput<T extends object>(name: string, known: readonly string[], input: T): T {
  const record: Record<string, unknown> = isRecord(input) ? input : {};
  const unknown = Object.keys(record).filter((key) => !known.includes(key));
  const wrong = INPUT_FIELDS.filter(([key, is]) => known.includes(key) && !is(record[key]));
  const problems = [
    ...unknown.map((key) => `${JSON.stringify(key.slice(0, 80))} is not known`),
    ...wrong.map(([key, , expected]) => `${key}: ${expected}`),
  ];
  if (problems.length === 0) return input;
  throw new NexoError('INPUT_INVALID', `${name} cannot use these arguments: ${problems.join('; ')}.`, {
    hint: 'Correct them and call again; nothing was written.',
    data: { name, problems },
  });
}

function fault(path: readonly string[], message: string): ReturnType<StateCheck['safeParse']> {
  return { success: false, error: { issues: [{ path, message }] } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOptional(is: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || is(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isRole(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z0-9-]*$/.test(value);
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}
