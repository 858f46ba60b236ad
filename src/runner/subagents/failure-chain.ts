import type { EndedStep, PlanTask, Step, TaskEnd } from './plan-task.ts';

/** What a task has to do next, or how it has ended. */
export type Next = { readonly step: Step } | { readonly end: TaskEnd };

/** Which role finds out why another one failed. */
const DIAGNOSED_BY: Readonly<Record<string, string>> = {
  engineer: 'architect',
  tester: 'architect',
  writer: 'strategist',
  reviewer: 'strategist',
  researcher: 'postdoc',
};

/** So many changed files are looked at by somebody else, whatever the task says. */
const MANY_FILES = 3;
const TEST_FILE = /(?:^|\/)(?:tests?|__tests__|spec)\/|[._-](?:test|spec)\.[a-z]+$/i;

/**
 * The life of one task: the owner works, somebody else checks it, and when either fails there is one diagnosis and one
 * new delivery; after that it is a person's. Pure: the same steps behind it always lead to the same next one.
 *
 * `tasks` is the whole plan, for a check that is a task of its own: what it rejects goes back to the owner of the work.
 */
export function nextStep(
  task: PlanTask,
  past: readonly EndedStep[],
  tasks: ReadonlyMap<number, PlanTask>,
): Next {
  const { role } = task;
  if (role === undefined) return { end: { state: 'blocked', why: 'no agent bears the name of its owner' } };
  const last = past.at(-1);
  if (last === undefined) return work(task, role.id);
  if (last.cancelled === true) return { end: { state: 'blocked', why: `its ${last.kind} was cancelled` } };
  switch (last.kind) {
    case 'work': {
      if (last.result !== 'passed') return afterFailure(task, past, tasks);
      const checker = checkerFor(task, past, tasks);
      return checker === undefined ? DONE : { step: { kind: 'check', role: checker, about: task.id } };
    }
    case 'check':
      return last.result === 'passed' ? DONE : afterFailure(task, past, tasks);
    case 'diagnose':
      // A diagnosis that came to nothing is no reason to withhold the second try.
      return secondTry(task, past, tasks);
    case 'rework':
      return last.result === 'passed'
        ? secondTry(task, past, tasks)
        : blocked(past, 'the new delivery failed');
  }
}

const DONE: Next = { end: { state: 'completed' } };

function work(task: PlanTask, role: string): Next {
  return { step: { kind: 'work', role, about: task.id } };
}

function afterFailure(
  task: PlanTask,
  past: readonly EndedStep[],
  tasks: ReadonlyMap<number, PlanTask>,
): Next {
  const failures = past.filter(
    ({ kind, result }) => (kind === 'work' || kind === 'check') && result !== 'passed',
  ).length;
  if (failures > 1) return blocked(past, 'it failed twice');
  const adviser =
    DIAGNOSED_BY[task.role?.id ?? ''] ?? (task.role?.category === 'do' ? 'architect' : undefined);
  return adviser === undefined
    ? secondTry(task, past, tasks)
    : { step: { kind: 'diagnose', role: adviser, about: task.id } };
}

/** First whoever did what was rejected, each of them once; then the task itself again. */
function secondTry(task: PlanTask, past: readonly EndedStep[], tasks: ReadonlyMap<number, PlanTask>): Next {
  const isRejectedCheck = task.role?.category === 'check' && past.some(({ result }) => result === 'rejected');
  if (isRejectedCheck) {
    const redone = new Set(past.filter(({ kind }) => kind === 'rework').map(({ about }) => about));
    const open = checkedBy(task, tasks).find(({ id }) => !redone.has(id));
    if (open?.role !== undefined) return { step: { kind: 'rework', role: open.role.id, about: open.id } };
  }
  return work(task, task.role?.id ?? '');
}

/** The work that a check of its own is about: what it depends on and somebody has made. */
export function checkedBy(check: PlanTask, tasks: ReadonlyMap<number, PlanTask>): PlanTask[] {
  return check.deps.flatMap((id) => {
    const found = tasks.get(id);
    return found?.role?.category === 'do' && found.role.writes ? [found] : [];
  });
}

/**
 * Who verifies the task's work, or undefined. A writer's work is always reviewed; other work is tested where there are
 * criteria, much has changed, tests have changed, or it has failed before. Not where the plan has a task for it.
 */
function checkerFor(
  task: PlanTask,
  past: readonly EndedStep[],
  tasks: ReadonlyMap<number, PlanTask>,
): string | undefined {
  if (task.role?.category !== 'do' || !task.role.writes) return undefined;
  for (const other of tasks.values())
    if (other.role?.category === 'check' && other.deps.includes(task.id)) return undefined;
  if (task.role.id === 'writer') return 'reviewer';
  const files = past.flatMap(({ files: changed = [] }) => changed);
  const isTested =
    task.hasAcceptance ||
    new Set(files).size >= MANY_FILES ||
    files.some((file) => TEST_FILE.test(file)) ||
    past.some(({ result }) => result !== 'passed');
  return isTested ? 'tester' : undefined;
}

function blocked(past: readonly EndedStep[], why: string): Next {
  const last = past.at(-1);
  const what =
    last === undefined
      ? ''
      : `: its last ${last.kind}, by ${last.role}, was ${last.result === 'rejected' ? 'a no' : 'not done'}`;
  return { end: { state: 'blocked', why: why + what } };
}
