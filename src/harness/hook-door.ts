import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';

import type { ActingAgent, HookEvent, HookEventName } from '../hooks/events.ts';
import { HOOK_EVENTS, isHookEventName } from '../hooks/events.ts';
import {
  HARNESS_NAMES,
  type HookEnvironment,
  type HookOutput,
  type HookPayload,
  PayloadFault,
  SILENCE,
} from './contract.ts';
import { findDialect, type HookDialect } from './hook-dialects.ts';
import { toRole } from './payload.ts';

export interface HookDoorInput {
  readonly argv: readonly string[];
  /** The payload, as it came on standard input; undefined when it was larger than a hook reads. */
  readonly payload: Buffer | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
}

/**
 * Runs one hook from a harness's payload to its answer. Never throws and never breaks a session: whatever goes wrong
 * ends as exit code 0 with a line on standard error, except before a tool call of an agent with a gate, where it ends
 * as a refusal.
 */
export async function runHookDoor(input: HookDoorInput): Promise<HookOutput> {
  const request = parseArguments(input.argv);
  if (typeof request === 'string') return { stdout: '', stderr: `${request}\n`, exitCode: 1 };
  const { event: name, dialect } = request;
  const { hooks } = dialect;
  const environment: HookEnvironment = { cwd: input.cwd, agent: input.env.NEXO_AGENT || undefined };
  let payload: HookPayload = {};
  let event: HookEvent | undefined;
  try {
    payload = parsePayload(input.payload);
    event = hooks.parseEvent(name, payload, environment);
    if (event === undefined) return SILENCE;
    // Lead has no gate, and nothing else happens before a tool: the common case loads nothing more.
    if (event.name === 'pre-tool-use' && event.agent === undefined) return SILENCE;
    if (!isFolder(event.cwd)) event = { ...event, cwd: input.cwd };
    const handled = { input, dialect, payload, event };
    if (event.name === 'pre-tool-use') {
      const { handleToolUse } = await import('./handle-tool-use.ts');
      return await handleToolUse({ ...handled, event });
    }
    const { handleEvent } = await import('./handle-event.ts');
    return await handleEvent(handled);
  } catch (error) {
    const fault = describeFault(name, error);
    const agent = event === undefined ? environmentAgent(environment) : event.agent;
    const failClosed = name === 'pre-tool-use' && agent !== undefined && (await isGated(agent, input));
    if (!failClosed) return { ...SILENCE, stderr: `${fault}\n` };
    const reason = `${fault} While that is so, ${agent.name} may not use tools: stop and report this to Lead.`;
    const refusal = { reason, rule: 'gate-failure' };
    return hooks.renderReply(name, payload, { modelTexts: [], personTexts: [], refusal, faults: [] });
  }
}

/** A payload may name a place that is not there, or that no system can look at. */
function isFolder(path: string): boolean {
  try {
    return isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // too long, a loop of links, a NUL in it, or behind a closed door
  }
}

async function isGated(agent: ActingAgent, input: HookDoorInput): Promise<boolean> {
  try {
    const { loadAgentCapabilities } = await import('../catalog/names.ts');
    return (
      (await loadAgentCapabilities(agent.name, { env: input.env, home: input.home, root: input.cwd })).size >
      0
    );
  } catch {
    // When even the catalog cannot be read, nobody knows what this agent may do.
    return true;
  }
}

function environmentAgent({ agent }: HookEnvironment): ActingAgent | undefined {
  const name = toRole(agent);
  return name === undefined || name === 'lead' ? undefined : { name, id: undefined };
}

function parsePayload(bytes: Buffer | undefined): HookPayload {
  if (bytes === undefined) throw new PayloadFault('it is too large');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new PayloadFault(bytes.length === 0 ? 'it is empty' : 'it is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as HookPayload;
  throw new PayloadFault('it is not a JSON object');
}

function parseArguments(argv: readonly string[]): { event: HookEventName; dialect: HookDialect } | string {
  const words = [...argv];
  const flag = words.findIndex((word) => word === '--harness' || word.startsWith('--harness='));
  const [flagWord] = flag === -1 ? [] : words.splice(flag, words[flag] === '--harness' ? 2 : 1);
  const harnessName = flagWord === '--harness' ? argv[flag + 1] : flagWord?.slice('--harness='.length);
  const dialect = findDialect(harnessName ?? '');
  const [event, ...rest] = words;
  if (event === undefined || !isHookEventName(event)) {
    return `nexo hook: "${event ?? ''}" is no hook event. There are: ${HOOK_EVENTS.join(', ')}.`;
  }
  if (dialect === undefined) return `nexo hook: name the harness: --harness ${HARNESS_NAMES.join('|')}.`;
  if (rest.length > 0) return `nexo hook: "${rest[0]}" is not understood. It takes one event and --harness.`;
  return { event, dialect };
}

function describeFault(event: HookEventName, error: unknown): string {
  if (error instanceof PayloadFault)
    return `nexo hook ${event}: the payload cannot be understood: ${error.message}.`;
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return `nexo hook ${event}: internal error: ${printable(reason ?? '')}.`;
}

/** What a payload brought along neither moves a cursor nor fills a screen. */
function printable(text: string): string {
  return text.slice(0, MAX_REASON).replaceAll(/\p{Cc}/gu, '?');
}

/** Longest reason that is told of a fault, in characters. */
const MAX_REASON = 500;
