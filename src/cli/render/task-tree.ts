import type { View } from './view.ts';
import { displayWidth } from './width.ts';
import { dotted } from './words.ts';

export interface ShownTask {
  readonly id: number;
  readonly title: string;
  readonly status: 'pending' | 'in_progress' | 'completed';
  readonly deps?: readonly number[] | undefined;
  readonly owner?: unknown;
  /** Said instead of what the status implies, for a task that is being executed. */
  readonly told?: { readonly trouble: boolean; readonly text: string } | undefined;
}

/** Deepest indentation drawn; below it tasks stay on one level and name what they wait for. */
const MAX_DEPTH = 5;

/**
 * Tasks as a tree: each below one task it depends on, as long as that one is in the list and earlier in it. What the
 * tree cannot say (a second dependency, a missing one, a circle) stands behind the title.
 */
export function renderTaskTree(tasks: readonly ShownTask[], view: View): string[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const children = groupByParent(tasks);
  const width = String(tasks.reduce((highest, { id }) => Math.max(highest, id), 0)).length;
  const lines: string[] = [];
  const stack = rows(children.get(undefined) ?? [], '', 0);
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    const { task, guides, tip, depth } = row;
    const below = depth === 0 ? '' : guides + (tip === 'last' ? '   ' : view.marks.branch.bar);
    const branch =
      depth === 0 ? '' : guides + (tip === 'last' ? view.marks.branch.corner : view.marks.branch.tee);
    lines.push(...renderTask(task, { branch, below, width, byId }, view));
    stack.push(...rows(children.get(task) ?? [], below, depth + 1));
  }
  return lines;
}

interface Row {
  readonly task: ShownTask;
  readonly guides: string;
  readonly tip: 'last' | 'more';
  readonly depth: number;
}

/** Siblings as rows, the first on top of the stack. */
function rows(tasks: readonly ShownTask[], guides: string, depth: number): Row[] {
  return tasks
    .map((task, at): Row => ({ task, guides, tip: at === tasks.length - 1 ? 'last' : 'more', depth }))
    .reverse();
}

/** By the task itself, not by its number: a damaged file may give one number to two tasks. */
function groupByParent(tasks: readonly ShownTask[]): Map<ShownTask | undefined, ShownTask[]> {
  const placed = new Map<number, { readonly at: number; readonly depth: number; readonly task: ShownTask }>();
  const children = new Map<ShownTask | undefined, ShownTask[]>();
  tasks.forEach((task, at) => {
    // Only tasks further up are candidates, so no circle of dependencies can become a circle of parents.
    const candidates = (task.deps ?? [])
      .map((id) => placed.get(id))
      .filter((candidate) => candidate !== undefined && candidate.depth < MAX_DEPTH)
      .sort((a, b) => Number(isDone(a?.task)) - Number(isDone(b?.task)) || (b?.at ?? 0) - (a?.at ?? 0));
    const parent = candidates[0];
    // A second task with the same id is shown, but nothing is placed below it.
    if (!placed.has(task.id)) placed.set(task.id, { at, depth: (parent?.depth ?? -1) + 1, task });
    const siblings = children.get(parent?.task) ?? [];
    siblings.push(task);
    children.set(parent?.task, siblings);
  });
  return children;
}

interface Place {
  readonly branch: string;
  readonly below: string;
  readonly width: number;
  readonly byId: ReadonlyMap<number, ShownTask>;
}

function renderTask(task: ShownTask, { branch, below, width, byId }: Place, view: View): string[] {
  const { ink, marks } = view;
  const look = lookOf(task, byId, view);
  const owner = typeof task.owner === 'string' ? task.owner : undefined;
  const note = dotted([look.note, owner], marks.bullet);
  const number = String(task.id).padStart(width);
  const lead = 2 + displayWidth(branch) + 2 + width + 1;
  const head = `  ${ink.dim(branch)}${look.paint(look.mark)} ${number} `;
  const title = view.line(task.title, lead);
  const shown = isDone(task) ? ink.dim(title) : title;
  if (note === '') return [head + shown];
  if (lead + displayWidth(task.title) + 2 + displayWidth(note) <= view.columns) {
    return [`${head}${shown}  ${ink.dim(note)}`];
  }
  const indent = ' '.repeat(width + 3);
  return [head + shown, `  ${ink.dim(`${below}${indent}${view.line(note, lead)}`)}`];
}

function lookOf(task: ShownTask, byId: ReadonlyMap<number, ShownTask>, view: View) {
  const { ink, marks } = view;
  if (task.status === 'completed') return { mark: marks.done, paint: ink.good, note: undefined };
  if (task.told !== undefined) {
    const { trouble, text } = task.told;
    return {
      mark: trouble ? marks.failure : task.status === 'in_progress' ? marks.active : marks.blocked,
      paint: trouble ? ink.bad : task.status === 'in_progress' ? ink.accent : ink.dim,
      note: text,
    };
  }
  const missing = (task.deps ?? []).filter((id) => !byId.has(id));
  const open = (task.deps ?? []).filter((id) => byId.has(id) && !isDone(byId.get(id)));
  const waits = dotted(
    [
      open.length === 0 ? undefined : `waits for ${open.join(', ')}`,
      missing.length === 0
        ? undefined
        : `needs ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not there`,
    ],
    marks.bullet,
  );
  if (task.status === 'in_progress')
    return { mark: marks.active, paint: ink.accent, note: dotted(['in progress', waits], marks.bullet) };
  if (waits !== '') return { mark: marks.blocked, paint: ink.dim, note: waits };
  return { mark: marks.ready, paint: ink.warn, note: 'ready' };
}

function isDone(task: ShownTask | undefined): boolean {
  return task?.status === 'completed';
}
