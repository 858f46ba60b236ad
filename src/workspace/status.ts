import { statfsSync } from 'node:fs';

import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { readGitBranch } from '../base/git-branch.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { trackerFile } from './agent-record.ts';
import { type HarnessAgents, readAllAgents } from './agent-tracker.ts';
import { hasUnfinishedArchive } from './archive-journal.ts';
import { ownerOf } from './glance.ts';
import { loadHistoryIndex } from './history.ts';
import { type CycleSummary, searchHistory } from './history-search.ts';
import { listNamespaces } from './namespaces.ts';
import { readinessOf } from './readiness.ts';
import { idProblem } from './record-ids.ts';
import { loadReadable, stateProblem } from './state-files.ts';
import { PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
import type { TaskStatusSchema } from './state-schemas.ts';
import { summariseTasks, type TaskSummary } from './tasks.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** How a task stands: what is stored, and for pending ones whether their dependencies let them start. */
export type TaskState = 'ready' | 'blocked' | Exclude<(typeof TaskStatusSchema.options)[number], 'pending'>;

export interface StatusTask {
  readonly id: number;
  readonly title: string;
  readonly state: TaskState;
  readonly deps: readonly number[];
  /** Dependencies that are not completed, missing ones included. */
  readonly waitsFor: readonly number[];
  readonly owner?: string;
}

export interface StatusPlan {
  readonly id: number;
  readonly topic: string;
  readonly issues: readonly {
    readonly id: number;
    readonly title: string;
    readonly status: string;
    readonly decision?: string;
  }[];
}

export interface StatusWarning {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface WorkspaceStatus {
  readonly root: string;
  readonly branch: string;
  readonly initialised: boolean;
  readonly plan: StatusPlan | null;
  readonly goal: string;
  readonly tasks: readonly StatusTask[];
  readonly summary: TaskSummary | null;
  readonly history: { readonly total: number; readonly recent: readonly CycleSummary[] };
  readonly agents: readonly HarnessAgents[];
  readonly warnings: readonly StatusWarning[];
}

/** Everything that one glance at a workspace should show. Reads only. */
export async function readStatus(workspace: Workspace, { recent = 3 } = {}): Promise<WorkspaceStatus> {
  const unfinished = isUnfinished(workspace);
  const history = await searchHistory(workspace, { last_n: recent });
  const plan = loadReadable(workspace, PLAN_FILE);
  const tasks = loadReadable(workspace, TASKS_FILE);
  const summary = tasks === undefined ? null : summariseTasks(tasks.items);
  return {
    root: workspace.root,
    branch: readGitBranch(workspace.root),
    initialised: isThere(workspace),
    plan: plan?.root.id === undefined ? null : toStatusPlan(plan.root.id, plan.root.topic, plan.items),
    goal: tasks?.root.goal ?? '',
    tasks: toStatusTasks(tasks?.items ?? []),
    summary,
    history: { total: history.total, recent: history.cycles },
    agents: readAllAgents(workspace),
    warnings: collectWarnings(workspace, { unfinished, summary }),
  };
}

function toStatusPlan(
  id: number,
  topic: string | undefined,
  issues: readonly { id: number; title: string; status: string; decision?: string | null | undefined }[],
): StatusPlan {
  return {
    id,
    topic: topic ?? '',
    issues: issues.map((issue) => ({
      id: issue.id,
      title: issue.title,
      status: issue.status,
      ...(typeof issue.decision === 'string' ? { decision: issue.decision } : {}),
    })),
  };
}

type TaskLike = Parameters<typeof summariseTasks>[0][number];

function toStatusTasks(tasks: readonly TaskLike[]): StatusTask[] {
  const readiness = readinessOf(tasks);
  return tasks.map((task) => {
    const deps = task.deps ?? [];
    const waitsFor = readiness.waitsFor(task);
    const state = task.status === 'pending' ? (waitsFor.length === 0 ? 'ready' : 'blocked') : task.status;
    const owner = ownerOf(task.owner);
    return {
      id: task.id,
      title: task.title,
      state,
      deps,
      waitsFor,
      ...(owner === undefined ? {} : { owner }),
    };
  });
}

function collectWarnings(
  workspace: Workspace,
  { unfinished, summary }: { unfinished: boolean; summary: TaskSummary | null },
): StatusWarning[] {
  const warnings: StatusWarning[] = [];
  const problems = [placeProblem(workspace), historyProblem(workspace), ...idProblems(workspace)];
  const files = [PLAN_FILE, TASKS_FILE, ...listNamespaces(workspace).map(trackerFile)];
  for (const problem of [...problems, ...files.map((file) => stateProblem(workspace, file))]) {
    if (problem === undefined) continue;
    warnings.push({
      code: problem.code,
      message: problem.message,
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    });
  }
  if (unfinished && isUnfinished(workspace)) {
    warnings.push({
      code: 'ARCHIVE_UNFINISHED',
      message: 'A crash cut the closing of a cycle short, and it could not be finished yet.',
      hint: 'The next change finishes it; if it keeps failing, run `nexo repair`.',
    });
  }
  if (summary !== null && summary.total > 0 && summary.completed === summary.total) {
    warnings.push({
      code: 'CYCLE_NOT_CLOSED',
      message: 'Every task is completed, but the cycle is still open.',
      hint: 'Run `nexo task close` to move it into the history.',
    });
  }
  if (isNetworkFileSystem(workspace.root)) {
    warnings.push({
      code: 'NETWORK_FILE_SYSTEM',
      message: 'The project lies on a network file system, where locks between machines are not guaranteed.',
      hint: 'Change this workspace from one machine at a time.',
    });
  }
  return warnings;
}

/** What cannot be seen is taken for there: why it cannot be seen is among the warnings. */
function isThere(workspace: Workspace): boolean {
  try {
    return lookAt(workspace.fs, workspacePaths.nexus(workspace.root)) !== undefined;
  } catch (error) {
    if (error instanceof NexoError) return true;
    throw error;
  }
}

function isUnfinished(workspace: Workspace): boolean {
  try {
    return hasUnfinishedArchive(workspace);
  } catch (error) {
    if (error instanceof NexoError) return false;
    throw error;
  }
}

function historyProblem(workspace: Workspace): NexoError | undefined {
  return problemOf(() => loadHistoryIndex(workspace));
}

function idProblems(workspace: Workspace): (NexoError | undefined)[] {
  return [
    idProblem(PLAN_FILE, loadReadable(workspace, PLAN_FILE)?.items ?? []),
    idProblem(TASKS_FILE, loadReadable(workspace, TASKS_FILE)?.items ?? []),
  ];
}

/** What keeps changing tools from the state folder as a whole: it leads out of the project, or is no folder. */
function placeProblem(workspace: Workspace): NexoError | undefined {
  return problemOf(() => {
    for (const place of [workspacePaths.nexus, workspacePaths.state, workspacePaths.own]) {
      const path = place(workspace.root);
      assertInside(workspace.root, path);
      const stat = lookAt(workspace.fs, path);
      // Behind a link that stays inside there is a folder, or nothing yet.
      if (stat !== undefined && !stat.isSymbolicLink()) ensureFolder(workspace.fs, path);
    }
  });
}

function problemOf(check: () => unknown): NexoError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof NexoError) return error;
    throw error;
  }
}

/** File system types, as `statfs` numbers them on Linux, on which several machines may write: NFS, SMB, CIFS, AFS, Ceph. */
const NETWORK_TYPES: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400,
]);

function isNetworkFileSystem(path: string): boolean {
  try {
    return NETWORK_TYPES.has(statfsSync(path).type >>> 0);
  } catch {
    // No such call on this platform or path: nothing to warn of.
    return false;
  }
}
