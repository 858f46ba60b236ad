import { type Workspace, workspacePaths } from './workspace.ts';

/** Whether an archive was cut short: its journal is still there. Costs one look, and loads nothing. */
export function hasUnfinishedArchive(workspace: Workspace): boolean {
  const path = workspacePaths.archiveJournal(workspace.root);
  return workspace.fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
