import { constants } from 'node:fs';
import { join } from 'node:path';

import { writeFileDurable } from '../base/durable-file.ts';
import { type FileSystem, lookAt } from '../base/file-system.ts';
import { ensureFolder, temporaryName } from '../base/folder.ts';
import { lastGoodPath } from './last-good.ts';
import { statePath } from './state-files.ts';
import { HISTORY_FILE } from './state-kinds.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Name of the copy of the newest cycle; with the version before it, it makes up the last good history. */
export const LAST_CYCLE_NAME = 'history-last-cycle.json';

/**
 * Keeps the history as it was before an append, and the cycle that was added. The old version is kept by a second name
 * for the file that the append replaces, so it costs no copying however long the history is; where there are no hard
 * links it is copied. The earlier copy goes only when the append is done: an append that fails changes nothing here,
 * and a cycle that was not added is not kept. Nothing throws: on a full disk the earlier copy stays as it is.
 */
export class HistoryBackup {
  readonly #workspace: Workspace;
  #previous: string | undefined;
  /** There was a version to keep, and it could not be kept. */
  #hasFailed = false;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Gives the present history a second name; right before it is replaced. */
  prepare(): void {
    const { fs, root } = this.#workspace;
    try {
      const folder = workspacePaths.lastGood(root);
      ensureFolder(fs, folder);
      const name = join(folder, temporaryName());
      linkOrCopy(fs, statePath(this.#workspace, HISTORY_FILE), name);
      this.#previous = name;
    } catch {
      this.#hasFailed = true;
    }
  }

  /** Makes the prepared version and the cycle that followed it the last good copy. */
  keep(cycleText: string): void {
    // A cycle without the version before it would pass for the whole history.
    if (this.#hasFailed) return;
    const { fs, root } = this.#workspace;
    try {
      const folder = workspacePaths.lastGood(root);
      ensureFolder(fs, folder);
      const copy = lastGoodPath(this.#workspace, HISTORY_FILE.relativePath);
      if (this.#previous !== undefined) {
        fs.renameSync(this.#previous, copy);
        this.#previous = undefined;
      } else if (lookAt(fs, copy) !== undefined) {
        // Of a history that is not the one before this cycle.
        fs.unlinkSync(copy);
      }
      writeFileDurable(fs, join(folder, LAST_CYCLE_NAME), cycleText, { durable: false });
    } catch {
      // The history itself is durable.
    }
  }

  /** Gives up what was prepared and not kept. */
  discard(): void {
    if (this.#previous === undefined) return;
    try {
      this.#workspace.fs.unlinkSync(this.#previous);
    } catch {
      // The next writer sweeps it.
    }
  }
}

/** A file system for removable disks or shares may know no second name for a file. */
function linkOrCopy(fs: FileSystem, from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
