import { type HookEffect, notice } from './effects.ts';
import type { EventOf } from './events.ts';
import { idList, knowledgeText } from './notices.ts';
import type { HookState } from './state.ts';

/** A subagent starts: it is tracked, and a new one hears which notes and which rules there are for it. */
export function decideSpawn({ spawned }: EventOf<'subagent-spawn'>, state: HookState): HookEffect[] {
  if (state.isResumed) return [{ kind: 'track-resume', agent: spawned }];
  const effects: HookEffect[] = [{ kind: 'track-spawn', agent: spawned }];
  // An agent that is not ours (a harness's own explorer) is tracked, but knows nothing of these files.
  if (!state.agentIds.includes(spawned.name)) return effects;
  const parts = [knowledgeText(state.knowledge)];
  if (state.roleRules !== undefined)
    parts.push(`Rules of this project for ${spawned.name}:\n${state.roleRules}`);
  const text = parts.filter((part) => part !== undefined).join('\n\n');
  return text === '' ? effects : [...effects, notice(text)];
}

/** A subagent ends: its tracker entry is closed, and Lead hears of tasks that it leaves unfinished. */
export function decideComplete(
  { completed, lastMessage }: EventOf<'subagent-complete'>,
  state: HookState,
): HookEffect[] {
  const effects: HookEffect[] = [{ kind: 'track-complete', agent: completed, lastMessage }];
  if (typeof state.tasks !== 'object') return effects;
  const unfinished = state.tasks.tasks
    .filter((task) => task.owner === completed.name && task.status !== 'completed')
    .map(({ id }) => id);
  if (unfinished.length === 0) return effects;
  const text = `${completed.name} ended and owns tasks that are not completed: ${idList(unfinished)}. Check them and set their status.`;
  return [...effects, notice(text)];
}
