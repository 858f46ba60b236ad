import { linkSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { ensureFolder, writeFileDurable } from '../base/durable-file.ts';
import { randomHex } from '../base/ids.ts';
import { lastGoodPath } from './last-good.ts';
import { HISTORY_FILE, statePath } from './state-files.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Name of the copy of the newest cycle; with the version before it, it makes up the last good history. */
export const LAST_CYCLE_NAME = 'history-last-cycle.json';

/**
 * Keeps the history as it is before an append, and the cycle that is about to be added. The old version is kept by a
 * second name for the file that the append replaces, so it costs no copying however long the history is.
 */
export function keepHistoryVersion(workspace: Workspace, exists: boolean, cycleText: string): void {
  try {
    const folder = workspacePaths.lastGood(workspace.root);
    ensureFolder(workspace.fs, folder);
    const target = lastGoodPath(workspace, HISTORY_FILE.relativePath);
    if (exists) {
      const temporary = join(folder, `.nexo-${randomHex()}.tmp`);
      linkSync(statePath(workspace, HISTORY_FILE), temporary);
      renameSync(temporary, target);
    }
    writeFileDurable(workspace.fs, join(folder, LAST_CYCLE_NAME), cycleText, { durable: false });
  } catch {
    // A file system without hard links, or a full disk: repair falls back to git, the append itself goes on.
  }
}
