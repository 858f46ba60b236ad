import { sweepTemporaryFiles } from '../base/folder.ts';
import { type HeldLock, withLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { hasUnfinishedArchive } from './archive-journal.ts';
import { prepareFolders } from './folders.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

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

/** How long a reading tool waits for a writer that is in the middle of an archive, or was paused there, in milliseconds. */
const READER_PATIENCE_MS = 250;

/** Finishes an archive that a crash cut short, before a reading tool answers. Costs one look when there is none. */
export async function settleBeforeReading(workspace: Workspace): Promise<void> {
  try {
    if (!hasUnfinishedArchive(workspace)) return;
    const lockTimeoutMs = Math.min(workspace.lockTimeoutMs ?? READER_PATIENCE_MS, READER_PATIENCE_MS);
    await changeWorkspace({ ...workspace, lockTimeoutMs }, () => {});
  } catch (error) {
    // Readers answer with what is there; the next change says what is wrong.
    if (!(error instanceof NexoError)) throw error;
  }
}

/** Temporary files that are there while we hold the lock belong to writers that were killed. */
function sweepOnce(workspace: Workspace): void {
  if (workspace.cache.has('swept')) return;
  workspace.cache.set('swept', true);
  sweepTemporaryFiles(workspace.fs, workspacePaths.nexus(workspace.root));
  sweepTemporaryFiles(workspace.fs, workspacePaths.state(workspace.root), { deep: true });
}
