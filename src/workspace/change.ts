import { join } from 'node:path';

import { ensureFolder, sweepTemporaryFiles, writeFileDurable } from '../base/durable-file.ts';
import { type HeldLock, withLock } from '../base/lock.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError, systemErrorCode } from '../errors.ts';
import { hasUnfinishedArchive } from './archive-journal.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** What `.nexus/.gitignore` says when Nexo makes it: working state stays out of git, knowledge goes in. */
export const GITIGNORE_TEXT = 'state/\n';

/**
 * Runs one change of a workspace's state while no other process can change it: reading, checking and writing happen
 * inside `section`. Makes the folders that are missing, and first finishes an archive that a crash cut short.
 * Throws PATH_ESCAPES, PROJECT_ROOT_MISSING, the lock's errors, or what `section` throws.
 */
export async function changeWorkspace<T>(workspace: Workspace, section: (lock: HeldLock) => T): Promise<T> {
  prepareFolders(workspace);
  const timeout = workspace.lockTimeoutMs === undefined ? {} : { timeoutMs: workspace.lockTimeoutMs };
  for (;;) {
    // Loaded only when it is needed: a hook that appends one line must not pay for the history.
    const archive = hasUnfinishedArchive(workspace) ? await import('./archive.ts') : undefined;
    const outcome = await withLock(
      workspacePaths.lock(workspace.root),
      (lock): { value: T } | undefined => {
        // Another process was killed in the middle of an archive after we had looked.
        if (archive === undefined && hasUnfinishedArchive(workspace)) return undefined;
        sweepOnce(workspace);
        archive?.finishArchive(workspace, lock);
        return { value: section(lock) };
      },
      timeout,
    );
    if (outcome !== undefined) return outcome.value;
  }
}

/** Finishes an archive that a crash cut short, before a reading tool answers. Costs one look when there is none. */
export async function settleBeforeReading(workspace: Workspace): Promise<void> {
  if (!hasUnfinishedArchive(workspace)) return;
  try {
    await changeWorkspace(workspace, () => {});
  } catch (error) {
    // Readers answer with what is there; the next change says what is wrong.
    if (!(error instanceof NexoError)) throw error;
  }
}

/** Makes `.nexus/`, its `.gitignore` and our namespace; refuses when a link leads out of the project. */
function prepareFolders(workspace: Workspace): void {
  const { root, fs } = workspace;
  const nexus = workspacePaths.nexus(root);
  if (fs.lstatSync(root, { throwIfNoEntry: false }) === undefined) {
    throw new NexoError('PROJECT_ROOT_MISSING', `The project folder ${root} does not exist.`, {
      hint: 'Start from an existing folder, or set NEXO_PROJECT_ROOT to one.',
      data: { path: root },
    });
  }
  const own = workspacePaths.own(root);
  try {
    assertInside(root, own);
  } catch (error) {
    if (error instanceof NexoError) throw error;
    throw new NexoError('IO_FAILED', `${nexus} cannot be used: ${systemErrorCode(error) ?? String(error)}.`, {
      hint: 'Check what is there; a folder belongs in its place.',
      data: { path: nexus },
      cause: error,
    });
  }
  const isNew = fs.lstatSync(nexus, { throwIfNoEntry: false }) === undefined;
  ensureFolder(fs, own);
  if (isNew) writeGitignore(workspace);
}

/** Writes `.nexus/.gitignore` unless there is one; returns whether it did. */
export function writeGitignore(workspace: Workspace): boolean {
  const path = join(workspacePaths.nexus(workspace.root), '.gitignore');
  if (workspace.fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
  writeFileDurable(workspace.fs, path, GITIGNORE_TEXT);
  return true;
}

/** Temporary files that are there while we hold the lock belong to writers that were killed. */
function sweepOnce(workspace: Workspace): void {
  if (workspace.cache.has('swept')) return;
  workspace.cache.set('swept', true);
  const { root, fs } = workspace;
  const { nexus, state, own, artifacts, lastGood, harness } = workspacePaths;
  for (const folder of [nexus(root), state(root), own(root), artifacts(root), lastGood(root)]) {
    sweepTemporaryFiles(fs, folder);
  }
  sweepTemporaryFiles(fs, harness(root, workspace.harnessId));
}
