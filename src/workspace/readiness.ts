/** What readiness asks of a task. */
interface Waiting {
  readonly id: number;
  readonly status: string;
  readonly deps?: readonly number[] | undefined;
}

export interface Readiness {
  /** Ids of the tasks that can start now, in order. */
  readonly ready: readonly number[];
  readonly completed: number;
  /** What a task still waits for. A dependency that is missing, cyclic or unfinished is never met. */
  waitsFor(task: Waiting): number[];
}

/** The one rule of which tasks can start. Loads nothing: hooks ask it as well. */
export function readinessOf(tasks: readonly Waiting[]): Readiness {
  const completed = tasks.filter(({ status }) => status === 'completed');
  const done = new Set(completed.map(({ id }) => id));
  const waitsFor = ({ deps = [] }: Waiting): number[] => deps.filter((dep) => !done.has(dep));
  const ready = tasks.filter((task) => task.status === 'pending' && waitsFor(task).length === 0);
  return { ready: ready.map(({ id }) => id), completed: completed.length, waitsFor };
}
