import { lookAt } from '../base/file-system.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Whether an archive was cut short: its journal is still there. Costs one look, and loads nothing. */
export function hasUnfinishedArchive(workspace: Workspace): boolean {
  return lookAt(workspace.fs, workspacePaths.archiveJournal(workspace.root)) !== undefined;
}
