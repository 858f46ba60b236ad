import { lookAt } from '../base/file-system.ts';
import type { HeldLock } from '../base/lock.ts';
import { withLock } from '../base/lock.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { trackerFile } from './agent-record.ts';
import { prepareFolders } from './folders.ts';
import { listNamespaces } from './namespaces.ts';
import { findRestorePoint, type RestorePoint } from './restore-points.ts';
import { asidePath, setAside } from './set-aside.ts';
import { type StateFile, statePath, stateProblem } from './state-files.ts';
import { HISTORY_FILE, PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

export interface RepairFinding {
  /** Path from the project root. */
  readonly file: string;
  readonly problem: string;
  /** Where the damaged file is, or would be, set aside, byte for byte. */
  readonly movedTo?: string;
  /** Where the content that takes its place comes from; absent when the file is left missing. */
  readonly restoredFrom?: RestorePoint['source'];
  /** Number of records in the restored file. */
  readonly records?: number;
  /** Why this file is left alone. */
  readonly left?: string;
}

/**
 * Finds state files that cannot be understood, sets each aside and restores the last good copy: of the candidates the
 * one with the most records. A dry run only says what would be done. Nothing is deleted, ever.
 */
export async function repairWorkspace(
  workspace: Workspace,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<{ findings: RepairFinding[] }> {
  const { root, fs } = workspace;
  if (lookAt(fs, workspacePaths.state(root)) === undefined && !hasProblem(workspace, HISTORY_FILE)) {
    return { findings: [] };
  }
  assertInside(root, workspacePaths.own(root));
  const files = [HISTORY_FILE, PLAN_FILE, TASKS_FILE, ...listNamespaces(workspace).map(trackerFile)];
  if (dryRun) return { findings: files.flatMap((file) => examine(workspace, file)?.finding ?? []) };
  prepareFolders(workspace);
  const timeout = workspace.lockTimeoutMs === undefined ? {} : { timeoutMs: workspace.lockTimeoutMs };
  return withLock(
    workspacePaths.lock(root),
    (lock) => ({ findings: files.flatMap((file) => repairFile(workspace, lock, file) ?? []) }),
    timeout,
  );
}

function hasProblem(workspace: Workspace, file: StateFile): boolean {
  return stateProblem(workspace, file) !== undefined;
}

function repairFile(workspace: Workspace, lock: HeldLock, file: StateFile): RepairFinding | undefined {
  const examined = examine(workspace, file);
  if (examined === undefined || examined.finding.movedTo === undefined) return examined?.finding;
  lock.assertHeld();
  workspace.cache.clear();
  setAside(workspace, statePath(workspace, file), examined.finding.movedTo, examined.restore?.text);
  return examined.finding;
}

function examine(
  workspace: Workspace,
  file: StateFile,
): { finding: RepairFinding; restore?: RestorePoint | undefined } | undefined {
  const problem = stateProblem(workspace, file);
  if (problem === undefined) return undefined;
  const base = { file: file.relativePath, problem: problem.message };
  // A newer release's file is fine: it is this release that is too old for it.
  if (problem.code !== 'STATE_DAMAGED')
    return { finding: { ...base, left: problem.hint ?? 'It cannot be repaired.' } };
  try {
    const restore = findRestorePoint(workspace, file);
    const movedTo = asidePath(workspace, file.relativePath);
    const restored = restore === undefined ? {} : { restoredFrom: restore.source, records: restore.records };
    return { finding: { ...base, movedTo, ...restored }, restore };
  } catch (error) {
    // A restore point is there and cannot be read now: moving the file away would make that final.
    if (error instanceof NexoError) return { finding: { ...base, left: error.message } };
    throw error;
  }
}
