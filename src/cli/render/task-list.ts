import { renderTaskTree, type ShownTask } from './task-tree.ts';
import type { View } from './view.ts';
import { dotted } from './words.ts';

export interface ShownProgress {
  readonly total: number;
  readonly completed: number;
  /** Tasks in progress; the contract's name for them. */
  readonly blocked: number;
  readonly ready: readonly number[];
}

export interface TaskList {
  readonly goal: string;
  readonly tasks: readonly ShownTask[];
  readonly summary: ShownProgress;
}

/** Goal, progress and the tree. */
export function renderTaskList({ goal, tasks, summary }: TaskList, view: View): string[] {
  return [...renderTasksHead(goal, summary, view), ...renderTaskTree(tasks, view)];
}

/** The goal with the progress below it; the progress alone when no goal is set. */
export function renderTasksHead(goal: string, progress: ShownProgress, view: View): string[] {
  const told = view.ink.dim(renderProgress(progress, view));
  const head = view.ink.bold('Tasks');
  return goal === '' ? [`${head}  ${told}`] : [`${head}  ${view.line(goal, 7)}`, told];
}

/** `3 of 7 done · 1 in progress · 2 ready`. */
function renderProgress({ total, completed, blocked, ready }: ShownProgress, view: View): string {
  return dotted(
    [
      `${completed} of ${total} done`,
      blocked === 0 ? undefined : `${blocked} in progress`,
      ready.length === 0 ? undefined : `${ready.length} ready`,
    ],
    view.marks.bullet,
  );
}
