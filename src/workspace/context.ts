import { readGitBranch } from '../base/git-branch.ts';
import { settleBeforeReading } from './change.ts';
import { loadReadable } from './state-files.ts';
import { TASKS_FILE } from './state-kinds.ts';
import { summariseTasks } from './tasks.ts';
import type { Workspace } from './workspace.ts';

/** Where the project stands: branch, and while tasks exist their goal, progress and decisions. */
export async function readContext(workspace: Workspace): Promise<Record<string, unknown>> {
  await settleBeforeReading(workspace);
  const branch = readGitBranch(workspace.root);
  const tasks = loadReadable(workspace, TASKS_FILE);
  // A file of which nothing can be read counts as absent here; `status` tells the difference.
  if (
    tasks === undefined ||
    (tasks.damaged && tasks.items.length === 0 && Object.keys(tasks.root).length === 0)
  ) {
    return { branch, activeMode: null, decisions: [] };
  }
  const { total, completed, pending } = summariseTasks(tasks.items);
  return {
    branch,
    activeMode: 'team',
    goal: tasks.root.goal ?? '',
    tasksSummary: { total, completed, pending },
    decisions: tasks.root.decisions ?? [],
  };
}
