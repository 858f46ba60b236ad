import { isoTime } from '../base/clock.ts';
import { readGitBranch } from '../base/git-branch.ts';
import { archive, removeSource, type SourceName } from './archive.ts';
import { changeWorkspace } from './change.ts';
import { snapshotPlan, snapshotTasks } from './snapshot.ts';
import { loadForChange, PLAN_FILE, TASKS_FILE } from './state-files.ts';
import { SCHEMA_VERSION } from './state-schemas.ts';
import type { Workspace } from './workspace.ts';

export interface ClosedCycle {
  readonly closed: true;
  /** The cycle's `completed_at`. */
  readonly cycle: string;
  readonly branch: string;
  readonly archived: { readonly plan: boolean; readonly decisions: number; readonly tasks: number };
  readonly deleted: readonly string[];
  readonly total_cycles: number;
  readonly memoryHint: {
    readonly taskCount: number;
    readonly decisionCount: number;
    readonly cycleTopics: readonly string[];
  };
}

/** Moves the plan and the tasks, finished or not, into the history. Works with neither: the cycle is then empty. */
export async function closeCycle(workspace: Workspace): Promise<ClosedCycle> {
  return changeWorkspace(workspace, (lock) => {
    const plan = loadForChange(workspace, PLAN_FILE);
    const tasks = loadForChange(workspace, TASKS_FILE);
    const completedAt = isoTime(workspace.clock);
    const branch = readGitBranch(workspace.root);
    const sources: SourceName[] = [];
    if (plan !== undefined) sources.push('plan.json');
    if (tasks !== undefined) sources.push('tasks.json');
    const cycle = {
      schema_version: SCHEMA_VERSION,
      completed_at: completedAt,
      branch,
      plan: plan === undefined ? null : snapshotPlan(plan),
      tasks: snapshotTasks(tasks),
    };
    const deleted: string[] = [];
    const total = archive(workspace, lock, {
      cycle,
      sources,
      settle: () => {
        for (const name of sources) if (removeSource(workspace, name)) deleted.push(name);
      },
    });
    const decisions = plan?.items.filter(({ status }) => status === 'decided').length ?? 0;
    return {
      closed: true,
      cycle: completedAt,
      branch,
      archived: { plan: plan !== undefined, decisions, tasks: cycle.tasks.length },
      deleted,
      total_cycles: total,
      memoryHint: {
        taskCount: cycle.tasks.length,
        decisionCount: decisions,
        cycleTopics: [plan?.root.topic ?? '', tasks?.root.goal ?? ''].filter((topic) => topic !== ''),
      },
    };
  });
}
