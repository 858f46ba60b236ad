import { join } from 'node:path';

import type { ActingAgent, HookEvent, HookEventName } from '../hooks/events.ts';
import { HOOK_EVENTS, isHookEventName } from '../hooks/events.ts';
import type { HookWorld } from '../hooks/load-state.ts';
import type { GateVerdict } from '../hooks/state.ts';
import { packageRoot } from '../version.ts';
import {
  HARNESS_NAMES,
  type HarnessHooks,
  type HookEnvironment,
  type HookOutput,
  type HookPayload,
  PayloadFault,
  SILENCE,
} from './contract.ts';
import { toRole } from './payload.ts';
import { findHarness, type HarnessEntry } from './registry.ts';

export interface HookDoorInput {
  readonly argv: readonly string[];
  /** The payload, as it came on standard input; undefined when it was larger than a hook reads. */
  readonly payload: Buffer | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
}

/** How long a hook waits for other processes that change the workspace: a session must not feel it. */
const LOCK_TIMEOUT_MS = 700;

/**
 * Runs one hook from a harness's payload to its answer. Never throws and never breaks a session: whatever goes wrong
 * ends as exit code 0 with a line on standard error, except before a tool call of an agent with a gate, where it ends
 * as a refusal.
 */
export async function runHookDoor(input: HookDoorInput): Promise<HookOutput> {
  const request = parseArguments(input.argv);
  if (typeof request === 'string') return { stdout: '', stderr: `${request}\n`, exitCode: 1 };
  const { event: name, harness } = request;
  const environment: HookEnvironment = { cwd: input.cwd, agent: input.env.NEXO_AGENT || undefined };
  let hooks: HarnessHooks | undefined;
  let payload: HookPayload = {};
  let event: HookEvent | undefined;
  try {
    hooks = await harness.loadHooks();
    payload = parsePayload(input.payload);
    event = hooks.parseEvent(name, payload, environment);
    if (event === undefined) return SILENCE;
    return await handle({ input, harness, hooks, payload, event });
  } catch (error) {
    const fault = describeFault(name, error);
    const agent = event === undefined ? environmentAgent(environment) : event.agent;
    const failClosed = name === 'pre-tool-use' && agent !== undefined && (await isGated(agent, input));
    if (!failClosed || hooks === undefined)
      return { stdout: '', stderr: `${fault}\n`, exitCode: failClosed ? 2 : 0 };
    const reason = `${fault} While that is so, ${agent.name} may not use tools: stop and report this to Lead.`;
    const refusal = { reason, rule: 'gate-failure' };
    return hooks.renderReply(name, payload, { modelTexts: [], personTexts: [], refusal, faults: [] });
  }
}

interface HandledHook {
  readonly input: HookDoorInput;
  readonly harness: HarnessEntry;
  readonly hooks: HarnessHooks;
  readonly payload: HookPayload;
  readonly event: HookEvent;
}

async function handle({ input, harness, hooks, payload, event }: HandledHook): Promise<HookOutput> {
  // Lead has no gate, and nothing else happens before a tool: the common case loads nothing more.
  if (event.name === 'pre-tool-use' && event.agent === undefined) return SILENCE;
  const [{ runHook }, { openWorkspace }, { resolveHookRoot }] = await Promise.all([
    import('../hooks/run.ts'),
    import('../workspace/workspace.ts'),
    import('./hook-root.ts'),
  ]);
  const root = resolveHookRoot({ env: input.env, cwd: event.cwd, home: input.home });
  const workspace = openWorkspace(root, { harnessId: harness.workspaceId, lockTimeoutMs: LOCK_TIMEOUT_MS });
  const reply = await runHook(workspace, event, await createWorld({ input, harness, root, event }));
  const output = hooks.renderReply(event.name, payload, reply);
  const faults = reply.faults.map(({ code, message }) => `nexo: ${code}: ${message}\n`).join('');
  return { ...output, stderr: output.stderr + faults };
}

async function createWorld(context: {
  input: HookDoorInput;
  harness: HarnessEntry;
  root: string;
  event: HookEvent;
}): Promise<HookWorld> {
  const { input, event } = context;
  const needsNames = event.name === 'user-message' || event.name === 'subagent-spawn';
  const catalog = needsNames ? await import('../catalog/names.ts') : undefined;
  const names = catalog?.loadNames(catalogPlace(input, context.root)) ?? { agentIds: [], skillIds: [] };
  return {
    ...names,
    unplannedEdits: input.env.NEXO_UNPLANNED_EDITS === 'allow' ? 'allow' : 'refuse',
    judge: (each) => judge(each, context),
  };
}

async function judge(
  event: HookEvent,
  { input, harness, root }: { input: HookDoorInput; harness: HarnessEntry; root: string },
): Promise<GateVerdict> {
  if (event.name !== 'pre-tool-use' || event.agent === undefined) return { decision: 'allow' };
  const capabilities = await loadCapabilities(event.agent, input, root);
  if (capabilities.size === 0) return { decision: 'allow' };
  const { judgeToolUse } = await import('./gate-door.ts');
  const { env, home } = input;
  return judgeToolUse({ event, harness, capabilities, root, home, env, gateFiles: gateFiles(input, root) });
}

/** Our own files, and the harnesses' where the environment has moved them: what is written there decides the gate. */
function gateFiles({ env, home }: HookDoorInput, root: string): string[] {
  const files = [env.NEXO_HOME || join(home, '.nexo')];
  // Who works on Nexo itself edits its sources like any others.
  if (packageRoot() !== root) files.push(join(packageRoot(), 'dist'), join(packageRoot(), 'assets'));
  if (env.CLAUDE_CONFIG_DIR) files.push(env.CLAUDE_CONFIG_DIR);
  if (env.CODEX_HOME) files.push(env.CODEX_HOME);
  if (env.XDG_CONFIG_HOME) files.push(join(env.XDG_CONFIG_HOME, 'opencode'));
  return files;
}

async function isGated(agent: ActingAgent, input: HookDoorInput): Promise<boolean> {
  try {
    return (await loadCapabilities(agent, input, input.cwd)).size > 0;
  } catch {
    // When even the catalog cannot be read, nobody knows what this agent may do.
    return true;
  }
}

async function loadCapabilities(
  agent: ActingAgent,
  input: HookDoorInput,
  root: string,
): Promise<ReadonlySet<string>> {
  const { loadAgentCapabilities } = await import('../catalog/names.ts');
  return loadAgentCapabilities(agent.name, catalogPlace(input, root));
}

function catalogPlace(
  input: HookDoorInput,
  root: string,
): { env: NodeJS.ProcessEnv; home: string; root: string } {
  return { env: input.env, home: input.home, root };
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

function parseArguments(argv: readonly string[]): { event: HookEventName; harness: HarnessEntry } | string {
  const words = [...argv];
  const flag = words.findIndex((word) => word === '--harness' || word.startsWith('--harness='));
  const [flagWord] = flag === -1 ? [] : words.splice(flag, words[flag] === '--harness' ? 2 : 1);
  const harnessName = flagWord === '--harness' ? argv[flag + 1] : flagWord?.slice('--harness='.length);
  const harness = findHarness(harnessName ?? '');
  const [event, ...rest] = words;
  if (event === undefined || !isHookEventName(event)) {
    return `nexo hook: "${event ?? ''}" is no hook event. There are: ${HOOK_EVENTS.join(', ')}.`;
  }
  if (harness === undefined) return `nexo hook: name the harness: --harness ${HARNESS_NAMES.join('|')}.`;
  if (rest.length > 0) return `nexo hook: "${rest[0]}" is not understood. It takes one event and --harness.`;
  return { event, harness };
}

function describeFault(event: HookEventName, error: unknown): string {
  if (error instanceof PayloadFault)
    return `nexo hook ${event}: the payload cannot be understood: ${error.message}.`;
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return `nexo hook ${event}: internal error: ${reason}.`;
}
