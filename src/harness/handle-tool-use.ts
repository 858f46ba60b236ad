import { join } from 'node:path';

import { loadAgentCapabilities } from '../catalog/names.ts';
import type { EventOf } from '../hooks/events.ts';
import type { GateVerdict } from '../hooks/state.ts';
import { packageRoot } from '../version.ts';
import type { HookOutput } from './contract.ts';
import { judgeToolUse } from './gate-door.ts';
import { type HandledHook, handleEvent } from './handle-event.ts';
import type { HookDoorInput } from './hook-door.ts';

/** A tool that a subagent is about to use: as any event, but with the capability gate asked. */
export async function handleToolUse(
  handled: HandledHook & { readonly event: EventOf<'pre-tool-use'> },
): Promise<HookOutput> {
  return handleEvent(handled, (root) => judge(handled, root));
}

async function judge(
  { event, input, dialect }: HandledHook & { readonly event: EventOf<'pre-tool-use'> },
  root: string,
): Promise<GateVerdict> {
  if (event.agent === undefined) return { decision: 'allow' };
  const { env, home } = input;
  const capabilities = await loadAgentCapabilities(event.agent.name, { env, home, root });
  if (capabilities.size === 0) return { decision: 'allow' };
  const files = gateFiles(input, root);
  return judgeToolUse({ event, harness: dialect.name, capabilities, root, home, env, gateFiles: files });
}

/** Our own files, and the harnesses' where the environment has moved them: what is written there decides the gate. */
export function gateFiles({ env, home }: Pick<HookDoorInput, 'env' | 'home'>, root: string): string[] {
  const files = [env.NEXO_HOME || join(home, '.nexo')];
  // Who works on Nexo itself edits its sources like any others.
  if (packageRoot() !== root) files.push(join(packageRoot(), 'dist'), join(packageRoot(), 'assets'));
  if (env.CLAUDE_CONFIG_DIR) files.push(env.CLAUDE_CONFIG_DIR);
  if (env.CODEX_HOME) files.push(env.CODEX_HOME);
  if (env.XDG_CONFIG_HOME) files.push(join(env.XDG_CONFIG_HOME, 'opencode'));
  return files;
}
