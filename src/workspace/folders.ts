import { join } from 'node:path';

import { writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** What `.nexus/.gitignore` says when Nexo makes it: working state stays out of git, knowledge goes in. */
export const GITIGNORE_TEXT = 'state/\n';

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
  if (lookAt(fs, own) === undefined) {
    // Before there is anything of ours that git could take up, and again after a crash in between.
    ensureFolder(fs, workspacePaths.state(root));
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
