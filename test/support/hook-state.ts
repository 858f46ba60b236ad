import type { HookState } from '../../src/hooks/state.ts';
import type { PlanGlance, TaskGlance, TasksGlance } from '../../src/workspace/glance.ts';

/** A workspace with nothing in it, for tests to add to. */
export const emptyState: HookState = {
  hasWorkspace: true,
  plan: undefined,
  tasks: undefined,
  knowledge: [],
  roleRules: undefined,
  isResumed: false,
  running: [],
  agentIds: ['engineer', 'tester'],
  skillIds: ['nx-plan', 'nx-run', 'nx-init'],
  gate: { decision: 'allow' },
  unplannedEdits: 'refuse',
};

export function planWith(titles: readonly string[], decided: readonly number[] = []): PlanGlance {
  const issues = titles.map((title, index) => ({
    id: index + 1,
    title,
    decided: decided.includes(index + 1),
  }));
  return { topic: 'Cache layer', issues };
}

export function tasksWith(tasks: readonly (Partial<TaskGlance> & { id: number })[]): TasksGlance {
  const all = tasks.map((task) => ({
    title: `Task ${task.id}`,
    status: 'pending' as const,
    deps: [],
    owner: undefined,
    ...task,
  }));
  const done = new Set(all.filter(({ status }) => status === 'completed').map(({ id }) => id));
  const ready = all.filter(({ status, deps }) => status === 'pending' && deps.every((dep) => done.has(dep)));
  return { goal: '', tasks: all, ready: ready.map(({ id }) => id), completed: done.size };
}
