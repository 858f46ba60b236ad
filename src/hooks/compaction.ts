import { type HookEffect, notice } from './effects.ts';
import { knowledgeText, progressText } from './notices.ts';
import type { HookState } from './state.ts';

/** Most open issues and tasks that the snapshot spells out. */
const MAX_LINES = 30;

/** What the model must not forget when its context is summarised, read from disk at that moment. */
export function decideCompaction(state: HookState): HookEffect[] {
  const parts = [
    progressText(state),
    issueText(state),
    taskText(state),
    state.running.length === 0
      ? undefined
      : `Agents running: ${state.running.map(({ name, id }) => (id === undefined ? name : `${name} (${id})`)).join(', ')}.`,
    knowledgeText(state.knowledge),
  ].filter((part) => part !== undefined);
  return parts.length === 0
    ? []
    : [notice(`State of the workspace, fresh from disk:\n\n${parts.join('\n\n')}`)];
}

function issueText({ plan }: HookState): string | undefined {
  if (typeof plan !== 'object' || plan.issues.length === 0) return undefined;
  const lines = plan.issues.map(
    ({ id, title, decided }) => `- issue ${id} (${decided ? 'decided' : 'pending'}): ${title}`,
  );
  return limited(lines);
}

function taskText({ tasks }: HookState): string | undefined {
  if (typeof tasks !== 'object') return undefined;
  const ready = new Set(tasks.ready);
  const open = tasks.tasks.filter(({ status }) => status !== 'completed');
  const lines = open.map(({ id, title, status, owner }) => {
    const state = status === 'in_progress' ? 'in progress' : ready.has(id) ? 'ready' : 'blocked';
    return `- task ${id} (${state}${owner === undefined ? '' : `, ${owner}`}): ${title}`;
  });
  if (tasks.goal !== '') lines.unshift(`Goal: ${tasks.goal}`);
  return lines.length === 0 ? undefined : limited(lines);
}

function limited(lines: readonly string[]): string {
  if (lines.length <= MAX_LINES) return lines.join('\n');
  return [
    ...lines.slice(0, MAX_LINES),
    `… and ${lines.length - MAX_LINES} more; see task_list and plan_status.`,
  ].join('\n');
}
