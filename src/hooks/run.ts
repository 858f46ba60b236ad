import type { Workspace } from '../workspace/workspace.ts';
import { applyEffects, type HookReply } from './apply.ts';
import { decide } from './decide.ts';
import type { HookEvent } from './events.ts';
import { type HookWorld, loadHookState } from './load-state.ts';

/** Takes one event from reading the state to carrying out what was decided. */
export async function runHook(workspace: Workspace, event: HookEvent, world: HookWorld): Promise<HookReply> {
  const state = await loadHookState(workspace, event, world);
  return applyEffects(workspace, decide(event, state), event.cwd);
}
