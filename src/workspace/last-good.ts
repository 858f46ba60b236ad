import { basename, join } from 'node:path';

import { ensureFolder, writeFileDurable } from '../base/durable-file.ts';
import { NexoError } from '../errors.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/**
 * Copies of the newest good state files, for `nexo repair`. They are written after each change and not flushed: losing
 * one costs a restore point, never state.
 */
export function keepLastGood(workspace: Workspace, relativePath: string, text: string): void {
  quietly(() => {
    ensureFolder(workspace.fs, workspacePaths.lastGood(workspace.root));
    writeFileDurable(workspace.fs, lastGoodPath(workspace, relativePath), text, { durable: false });
  });
}

/** Forgets the copy when its file was archived: restoring it would bring closed work back. */
export function forgetLastGood(workspace: Workspace, relativePath: string): void {
  quietly(() => {
    try {
      workspace.fs.unlinkSync(lastGoodPath(workspace, relativePath));
    } catch {
      // There was none.
    }
  });
}

/** Where the copy of a state file lies. Trackers of several harnesses share a base name, so the path is flattened. */
export function lastGoodPath(workspace: Workspace, relativePath: string): string {
  const name = relativePath.endsWith('agent-tracker.json') ? relativePath.replaceAll('/', '__') : basename(relativePath);
  return join(workspacePaths.lastGood(workspace.root), name);
}

function quietly(keep: () => void): void {
  try {
    keep();
  } catch (error) {
    // The change itself is already durable; a full disk must not turn it into a failure.
    if (!(error instanceof NexoError)) throw error;
  }
}
