import { decideCompaction } from './compaction.ts';
import type { HookEffect } from './effects.ts';
import type { EventOf } from './events.ts';
import type { HookState } from './state.ts';

/**
 * A session that begins anew empties the tracker. One that goes on (after compaction, or resumed) keeps it: its agents
 * may still run or be continued by id.
 */
export function decideSessionStart({ source }: EventOf<'session-start'>, state: HookState): HookEffect[] {
  if (source === 'compact') return decideCompaction(state);
  const begin: HookEffect = { kind: 'begin-session', keepTracker: source === 'resume' || source === 'fork' };
  const leftover = leftoverText(state);
  return leftover === undefined ? [begin] : [begin, { kind: 'inform-person', text: leftover }];
}

export function decideSessionEnd({ tasks }: HookState): HookEffect[] {
  const end: HookEffect = { kind: 'end-session' };
  if (tasks === undefined || tasks === 'damaged' || tasks.tasks.length === 0) return [end];
  const open = tasks.tasks.length - tasks.completed;
  const text =
    open === 0
      ? 'Nexo: every task is completed, but the cycle is still open. Close it with `nexo task close`.'
      : `Nexo: ${open} of ${tasks.tasks.length} tasks are not completed; they stay for the next session.`;
  return [end, { kind: 'inform-person', text }];
}

function leftoverText({ plan, tasks }: HookState): string | undefined {
  const damaged = [plan === 'damaged' ? 'plan.json' : '', tasks === 'damaged' ? 'tasks.json' : ''].filter(
    Boolean,
  );
  if (damaged.length > 0) {
    return `Nexo: ${damaged.join(' and ')} cannot be read. Run \`nexo repair --dry-run\` to see what can be restored.`;
  }
  const parts: string[] = [];
  if (typeof plan === 'object') parts.push(`the plan "${plan.topic}"`);
  if (typeof tasks === 'object' && tasks.tasks.length > 0) {
    parts.push(`${tasks.tasks.length - tasks.completed} open of ${tasks.tasks.length} tasks`);
  }
  return parts.length === 0 ? undefined : `Nexo: an earlier cycle is still open: ${parts.join(', ')}.`;
}
