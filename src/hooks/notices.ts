import type { KnowledgeEntry } from '../workspace/knowledge.ts';
import type { HookState } from './state.ts';

/** Most ids that a notice lists; more are counted. */
const MAX_IDS = 20;
/** Size of the knowledge index, in UTF-8 bytes: agents pay for every one of them. */
const MAX_INDEX_BYTES = 2048;

/** Where plan and tasks stand, in one or two lines; undefined when there is nothing to say. */
export function progressText({ plan, tasks }: HookState): string | undefined {
  const lines: string[] = [];
  if (plan === 'damaged') lines.push('plan.json cannot be read; run `nexo repair --dry-run`.');
  else if (plan !== undefined) {
    const decided = plan.issues.filter((issue) => issue.decided).length;
    const pending = plan.issues.length - decided;
    lines.push(`Active plan: "${plan.topic}", ${pending} pending and ${decided} decided issues.`);
  }
  if (tasks === 'damaged') lines.push('tasks.json cannot be read; run `nexo repair --dry-run`.');
  else if (tasks !== undefined) {
    const open = tasks.tasks.length - tasks.completed;
    if (open > 0) {
      lines.push(
        `Tasks: ${open} of ${tasks.tasks.length} not completed; ready to start: ${idList(tasks.ready)}.`,
      );
    } else if (tasks.tasks.length > 0)
      lines.push('All tasks are completed; close the cycle with task_close.');
  }
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** The notes that exist, one line each, newest first, within the byte limit. Whole lines only. */
export function knowledgeText(entries: readonly KnowledgeEntry[]): string | undefined {
  const lines: string[] = [];
  let bytes = 0;
  for (const { path, headline } of entries) {
    const line = headline === '' ? `- ${path}` : `- ${path}: ${headline}`;
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > MAX_INDEX_BYTES) break;
    lines.push(line);
  }
  return lines.length === 0
    ? undefined
    : `Notes of this project, read those that bear on the task:\n${lines.join('\n')}`;
}

export function idList(ids: readonly number[]): string {
  if (ids.length === 0) return 'none';
  const shown = ids.slice(0, MAX_IDS).join(', ');
  return ids.length > MAX_IDS ? `${shown} and ${ids.length - MAX_IDS} more` : shown;
}
