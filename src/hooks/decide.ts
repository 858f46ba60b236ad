import { decideCompaction } from './compaction.ts';
import type { HookEffect } from './effects.ts';
import type { HookEvent } from './events.ts';
import { routePrompt } from './prompt-router.ts';
import { decideSessionEnd, decideSessionStart } from './session.ts';
import type { HookState } from './state.ts';
import { decideComplete, decideSpawn } from './subagent.ts';
import { decidePostToolUse, decidePreToolUse } from './tool-use.ts';

/** What an event leads to. Pure: everything it may depend on is in `state`, everything it wants done is returned. */
export function decide(event: HookEvent, state: HookState): HookEffect[] {
  switch (event.name) {
    case 'session-start':
      return decideSessionStart(event, state);
    case 'user-message':
      return routePrompt(event, state);
    case 'subagent-spawn':
      return decideSpawn(event, state);
    case 'subagent-complete':
      return decideComplete(event, state);
    case 'pre-tool-use':
      return decidePreToolUse(event, state);
    case 'post-tool-use':
      return decidePostToolUse(event, state);
    case 'session-end':
      return decideSessionEnd(state);
    case 'context-compact':
      return decideCompaction(state);
  }
}
