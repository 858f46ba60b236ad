import { loadNames } from '../catalog/names.ts';
import type { HookEvent } from '../hooks/events.ts';
import type { HookWorld } from '../hooks/load-state.ts';
import { runHook } from '../hooks/run.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import type { HookOutput, HookPayload } from './contract.ts';
import type { HookDialect } from './hook-dialects.ts';
import type { HookDoorInput } from './hook-door.ts';
import { resolveHookRoot } from './hook-root.ts';

/** How long a hook waits for other processes that change the workspace: a session must not feel it. */
const LOCK_TIMEOUT_MS = 700;

export interface HandledHook {
  readonly input: HookDoorInput;
  readonly dialect: HookDialect;
  readonly payload: HookPayload;
  readonly event: HookEvent;
}

/** Asks the capability gate about an event in the project at `root`. */
export type Judge = (root: string) => ReturnType<HookWorld['judge']>;

/**
 * Takes an understood event from the state on disk to the harness's answer. Without `judge` no gate has a say: only a
 * tool about to be used has one, and what it needs is loaded apart.
 */
export async function handleEvent(
  { input, dialect, payload, event }: HandledHook,
  judge: Judge = () => Promise.resolve({ decision: 'allow' }),
): Promise<HookOutput> {
  const { env, home } = input;
  const root = resolveHookRoot({ env, cwd: event.cwd, home });
  const workspace = openWorkspace(root, { harnessId: dialect.workspaceId, lockTimeoutMs: LOCK_TIMEOUT_MS });
  const needsNames = event.name === 'user-message' || event.name === 'subagent-spawn';
  const names = needsNames ? await loadNames({ env, home, root }) : { agentIds: [], skillIds: [] };
  const unplannedEdits = env.NEXO_UNPLANNED_EDITS === 'allow' ? 'allow' : 'refuse';
  const reply = await runHook(workspace, event, { ...names, unplannedEdits, judge: () => judge(root) });
  const output = dialect.hooks.renderReply(event.name, payload, reply);
  const faults = reply.faults.map(({ code, message }) => `nexo: ${code}: ${message}\n`).join('');
  return { ...output, stderr: output.stderr + faults };
}
