import { checkedBy, nextStep } from './failure-chain.ts';
import type { EndedStep, PlanTask, Step, TaskEnd } from './plan-task.ts';
import { joinTargets, sharesTargets, type Targets } from './targets.ts';

/** Where an execution stands. Plain data: everything that follows is computed from it anew. */
export interface Standing {
  readonly tasks: ReadonlyMap<number, PlanTask>;
  /** The steps that have ended, by task, in their order. */
  readonly past: ReadonlyMap<number, readonly EndedStep[]>;
  /** Tasks that have ended in this execution. */
  readonly ended: ReadonlyMap<number, TaskEnd>;
  /** Tasks with a step under way. */
  readonly running: ReadonlySet<number>;
  /** Tasks to go through; the others are left as they are. */
  readonly chosen: ReadonlySet<number>;
  /** How many steps may be under way at once. */
  readonly parallel: number;
  /** Nothing new begins. */
  readonly stopping: boolean;
}

export interface Decision {
  readonly start: readonly { readonly task: number; readonly step: Step }[];
  readonly ended: readonly { readonly task: number; readonly end: TaskEnd }[];
}

/**
 * What begins now and what has ended, in the order of the plan. A task holds its files from its first step to its end,
 * so nobody comes between the work, its check and its repair.
 */
export function decide(standing: Standing): Decision {
  const { tasks, past, running, chosen, parallel, stopping } = standing;
  const ended = new Map(standing.ended);
  const found: { task: number; end: TaskEnd }[] = [];
  const note = (task: number, end: TaskEnd): void => {
    ended.set(task, end);
    found.push({ task, end });
  };
  const next = new Map<number, Step>();
  const open = [...tasks.values()].filter(({ id }) => chosen.has(id) && !ended.has(id) && !running.has(id));
  for (const task of open) {
    if (task.status === 'completed') {
      note(task.id, { state: 'completed' });
      continue;
    }
    const decided = nextStep(task, past.get(task.id) ?? [], tasks);
    if ('step' in decided) next.set(task.id, decided.step);
    // An owner that nobody is, is told at once; everything else ends after its steps.
    else note(task.id, decided.end);
  }
  for (const [id, end] of hopeless(standing, ended)) note(id, end);
  if (stopping) return { start: [], ended: found };

  const isDone = (id: number): boolean =>
    ended.get(id)?.state === 'completed' || tasks.get(id)?.status === 'completed';
  const begun = [...tasks.values()].filter(({ id }) => isBegun(id, standing, ended));
  const atWork = begun.filter(({ id }) => running.has(id));
  const rest = open.filter(({ id }) => !ended.has(id));
  const start: { task: number; step: Step }[] = [];
  const consider = (task: PlanTask, others: readonly PlanTask[]): void => {
    const step = next.get(task.id);
    if (step === undefined || running.size + start.length >= parallel || !task.deps.every(isDone)) return;
    const claim = claimOf(task, tasks);
    if (others.some((other) => other.id !== task.id && collide(claim, claimOf(other, tasks)))) return;
    start.push({ task: task.id, step });
    atWork.push(task);
  };
  // Those that hold files already come first: they are on their way out. Among themselves only those at work count, so
  // that two whose texts were changed since, and which share a file now, do not wait for one another.
  for (const task of rest) if (begun.includes(task)) consider(task, atWork);
  for (const task of rest) if (!begun.includes(task)) consider(task, [...begun, ...atWork]);
  return { start, ended: found };
}

function isBegun(id: number, { past, running }: Standing, ended: ReadonlyMap<number, TaskEnd>): boolean {
  return !ended.has(id) && (running.has(id) || (past.get(id)?.length ?? 0) > 0);
}

/** Tasks that can never begin: behind one that is blocked, missing, left out, or that waits for itself. */
function hopeless(
  { tasks, chosen, running, past }: Standing,
  ended: ReadonlyMap<number, TaskEnd>,
): Map<number, TaskEnd> {
  const done = new Set(
    [...tasks.values()]
      .filter(({ id, status }) => ended.get(id)?.state === 'completed' || status === 'completed')
      .map(({ id }) => id),
  );
  const waiting = [...tasks.values()].filter(({ id }) => chosen.has(id) && !ended.has(id));
  // Whatever could still be done, one after the other, if everything went well.
  const reachable = new Set(done);
  let isMoving = true;
  while (isMoving) {
    isMoving = false;
    for (const { id, deps } of waiting) {
      if (reachable.has(id)) continue;
      const isBegunAlready = running.has(id) || (past.get(id)?.length ?? 0) > 0;
      if (!isBegunAlready && !deps.every((dep) => reachable.has(dep))) continue;
      reachable.add(id);
      isMoving = true;
    }
  }
  const lost = waiting.filter(({ id }) => !reachable.has(id));
  return new Map(
    lost.map(({ id, deps }) => {
      const unmet = deps.filter((dep) => !reachable.has(dep));
      const why = unmet.every((dep) => !tasks.has(dep))
        ? `it needs ${unmet.join(', ')}, which ${unmet.length === 1 ? 'is' : 'are'} not there`
        : `it waits for ${unmet.join(', ')}`;
      return [id, { state: 'skipped', why }];
    }),
  );
}

interface Claim {
  readonly writes: boolean;
  readonly targets: Targets;
}

/** A check may send the work back, so it holds the files of that work as its owner would. */
function claimOf(task: PlanTask, tasks: ReadonlyMap<number, PlanTask>): Claim {
  const checked = task.role?.category === 'check' ? checkedBy(task, tasks) : [];
  if (checked.length > 0)
    return { writes: true, targets: joinTargets(checked.map(({ targets }) => targets)) };
  return { writes: task.role?.writes ?? true, targets: task.targets };
}

/**
 * Two who only read never collide. A reader that names no files reads what is there; a writer that names none may
 * write anywhere, so it is the only one who writes.
 */
function collide(a: Claim, b: Claim): boolean {
  if (!a.writes && !b.writes) return false;
  if (a.writes && b.writes) return sharesTargets(a.targets, b.targets);
  const reader = a.writes ? b : a;
  const writer = a.writes ? a : b;
  return (
    reader.targets.kind === 'named' &&
    writer.targets.kind === 'named' &&
    sharesTargets(reader.targets, writer.targets)
  );
}
