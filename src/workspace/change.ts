import { join } from 'node:path';

import { writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder, sweepTemporaryFiles } from '../base/folder.ts';
import { type HeldLock, withLock } from '../base/lock.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
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
export function prepareFolders(workspace: Workspace): void {
  const { root, fs } = workspace;
  if (lookAt(fs, root) === undefined) {
    throw new NexoError('PROJECT_ROOT_MISSING', `The project folder ${root} does not exist.`, {
      hint: 'Start from an existing folder, or set NEXO_PROJECT_ROOT to one.',
      data: { path: root },
    });
  }
  const own = workspacePaths.own(root);
  assertInside(root, own);
  if (lookAt(fs, workspacePaths.state(root)) === undefined) {
    // Before there is any state that git could take up, and again after a crash in between.
    ensureFolder(fs, workspacePaths.nexus(root));
    writeFirstGitignore(workspace);
  }
  ensureFolder(fs, own);
}

/** As `writeGitignore`, but without the lock, whose folder is not there yet. */
function writeFirstGitignore(workspace: Workspace): void {
  try {
    writeGitignore(workspace);
  } catch (error) {
    // A process that was faster holds the lock and has swept our temporary file; its own file is in place then.
    if (lookAt(workspace.fs, join(workspacePaths.nexus(workspace.root), '.gitignore')) === undefined)
      throw error;
  }
}

/** Writes `.nexus/.gitignore` unless there is one; returns whether it did. */
export function writeGitignore(workspace: Workspace): boolean {
  const path = join(workspacePaths.nexus(workspace.root), '.gitignore');
  if (lookAt(workspace.fs, path) !== undefined) return false;
  writeFileDurable(workspace.fs, path, GITIGNORE_TEXT);
  return true;
}

/** Temporary files that are there while we hold the lock belong to writers that were killed. */
function sweepOnce(workspace: Workspace): void {
  if (workspace.cache.has('swept')) return;
  workspace.cache.set('swept', true);
  sweepTemporaryFiles(workspace.fs, workspacePaths.nexus(workspace.root));
  sweepTemporaryFiles(workspace.fs, workspacePaths.state(workspace.root), { deep: true });
}
