import { join } from 'node:path';

import { loadAgentCapabilities, loadNames } from '../catalog/names.ts';
import type { ActingAgent, HookEvent } from '../hooks/events.ts';
import type { HookWorld } from '../hooks/load-state.ts';
import { runHook } from '../hooks/run.ts';
import type { GateVerdict } from '../hooks/state.ts';
import { packageRoot } from '../version.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import type { HarnessHooks, HookOutput, HookPayload } from './contract.ts';
import type { HookDoorInput } from './hook-door.ts';
import { resolveHookRoot } from './hook-root.ts';
import type { HarnessEntry } from './registry.ts';

/** How long a hook waits for other processes that change the workspace: a session must not feel it. */
const LOCK_TIMEOUT_MS = 700;

export interface HandledHook {
  readonly input: HookDoorInput;
  readonly harness: HarnessEntry;
  readonly hooks: HarnessHooks;
  readonly payload: HookPayload;
  readonly event: HookEvent;
}

/** Takes an understood event from the state on disk to the harness's answer. */
export async function handleEvent({
  input,
  harness,
  hooks,
  payload,
  event,
}: HandledHook): Promise<HookOutput> {
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
  const names = needsNames ? loadNames(catalogPlace(input, context.root)) : { agentIds: [], skillIds: [] };
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

async function loadCapabilities(
  agent: ActingAgent,
  input: HookDoorInput,
  root: string,
): Promise<ReadonlySet<string>> {
  return loadAgentCapabilities(agent.name, catalogPlace(input, root));
}

function catalogPlace(
  input: HookDoorInput,
  root: string,
): { env: NodeJS.ProcessEnv; home: string; root: string } {
  return { env: input.env, home: input.home, root };
}
