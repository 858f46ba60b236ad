import { statSync } from 'node:fs';

import { type Check, type CheckIssue, degraded, fromIssues, healthy } from '../base/check.ts';
import { NexoError } from '../errors.ts';
import { initialiseWorkspace } from './initialise.ts';
import { repairWorkspace } from './repair.ts';
import { openWorkspace, workspacePaths } from './workspace.ts';

export interface WorkspaceCheckContext {
  /** Undefined outside of any project. */
  readonly projectRoot: string | undefined;
}

const state: Check<WorkspaceCheckContext> = {
  id: 'runtime.workspace_state',
  tier: 'runtime',
  run: async ({ projectRoot }) => {
    if (!hasWorkspace(projectRoot)) return healthy('There is no workspace here.');
    const { findings } = await repairWorkspace(openWorkspace(projectRoot), { dryRun: true });
    const issues = findings.map(
      ({ file, problem, left }): CheckIssue => ({
        subject: file,
        severity: 'error',
        message: left === undefined ? problem : `${problem} ${left}`,
      }),
    );
    return fromIssues(issues, {
      healthy: 'Every state file can be read.',
      repairPlan: ['nexo repair --dry-run', 'nexo repair sets them aside and restores the best good copies.'],
    });
  },
  fix: async ({ projectRoot }) => {
    if (!hasWorkspace(projectRoot)) return [];
    const { findings } = await repairWorkspace(openWorkspace(projectRoot));
    return findings.flatMap(({ file, movedTo, restoredFrom }) =>
      movedTo === undefined
        ? []
        : [
            `${file}: set aside as ${movedTo}${restoredFrom === undefined ? '' : `, restored from the ${restoredFrom}`}`,
          ],
    );
  },
};

const layout: Check<WorkspaceCheckContext> = {
  id: 'runtime.workspace_layout',
  tier: 'runtime',
  run: async ({ projectRoot }) => {
    if (!hasWorkspace(projectRoot)) return healthy('There is no workspace here.');
    const { created: missing } = await initialiseWorkspace(openWorkspace(projectRoot), { dryRun: true });
    if (missing.length === 0) return healthy('.nexus/ is complete.');
    return degraded('Parts of .nexus/ are missing.', {
      evidence: missing,
      repairPlan: ['nexo init makes them; so does nexo doctor --tier runtime --fix.'],
    });
  },
  fix: async ({ projectRoot }) => {
    if (!hasWorkspace(projectRoot)) return [];
    return (await initialiseWorkspace(openWorkspace(projectRoot))).created.map((path) => `made ${path}`);
  },
};

const lock: Check<WorkspaceCheckContext> = {
  id: 'runtime.workspace_lock',
  tier: 'runtime',
  run: async ({ projectRoot }) => {
    if (!hasWorkspace(projectRoot)) return healthy('There is no workspace here.');
    try {
      const { isBusyLock, lockHolders } = await import('../base/lock.ts');
      const path = workspacePaths.lock(projectRoot);
      if (!isBusyLock(path)) return healthy('Nobody holds the lock.');
      // Writers have it for milliseconds; who still has it a moment later hangs or is paused.
      await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK_MS));
      if (!isBusyLock(path)) return healthy('The lock comes and goes.');
      return degraded('A process holds the lock of the workspace, and others wait for it.', {
        evidence: lockHolders(path).map((pid) => `process ${pid}`),
        repairPlan: ['Look at that process and end it if it hangs: the kernel releases the lock then.'],
      });
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      return degraded(error.message, { repairPlan: error.hint === undefined ? [] : [error.hint] });
    }
  },
};

/** Between the two looks at a lock, in milliseconds. */
const SECOND_LOOK_MS = 250;

export const WORKSPACE_CHECKS: readonly Check<WorkspaceCheckContext>[] = [state, layout, lock];

function hasWorkspace(root: string | undefined): root is string {
  return (
    root !== undefined &&
    statSync(workspacePaths.nexus(root), { throwIfNoEntry: false })?.isDirectory() === true
  );
}
