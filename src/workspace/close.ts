import { isoTime } from '../base/clock.ts';
import { readGitBranch } from '../base/git-branch.ts';
import { type ArchiveSource, archive } from './archive.ts';
import { changeWorkspace } from './change.ts';
import { createCycleRecord } from './snapshot.ts';
import { loadForChange } from './state-files.ts';
import { PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
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
    const sources: ArchiveSource[] = [];
    if (plan !== undefined) sources.push({ name: 'plan.json', loaded: plan });
    if (tasks !== undefined) sources.push({ name: 'tasks.json', loaded: tasks });
    const cycle = createCycleRecord({ completedAt, branch, plan, tasks });
    const { total, deleted } = archive(workspace, lock, { cycle, sources });
    const taskCount = tasks?.items.length ?? 0;
    const decisions = plan?.items.filter(({ status }) => status === 'decided').length ?? 0;
    return {
      closed: true,
      cycle: completedAt,
      branch,
      archived: { plan: plan !== undefined, decisions, tasks: taskCount },
      deleted,
      total_cycles: total,
      memoryHint: {
        taskCount,
        decisionCount: decisions,
        cycleTopics: [plan?.root.topic ?? '', tasks?.root.goal ?? ''].filter((topic) => topic !== ''),
      },
    };
  });
}
