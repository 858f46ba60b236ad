import { join } from 'node:path';

import { removeFileDurable, writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { changeWorkspace } from './change.ts';
import { writeGitignore } from './folders.ts';
import { forgetLastGood } from './last-good.ts';
import { checkHarnessId, type Workspace, workspacePaths } from './workspace.ts';

/** Which harness's namespace is meant; default the workspace's own. */
export interface HarnessChoice {
  readonly harness_id?: string | undefined;
}

const TRACKER_NAME = 'agent-tracker.json';

/** Begins a session: an empty tracker in the harness's namespace. */
export async function startSession(workspace: Workspace, input: HarnessChoice = {}): Promise<void> {
  const harnessId = harnessOf(workspace, input);
  await changeWorkspace(workspace, (lock) => {
    writeGitignore(workspace);
    // Older releases kept one tracker at the root of the state folder.
    removeFileDurable(workspace.fs, join(workspacePaths.state(workspace.root), 'agent-tracker.json'));
    ensureFolder(workspace.fs, workspacePaths.harness(workspace.root, harnessId));
    writeFileDurable(workspace.fs, trackerPath(workspace, harnessId), '[]\n', {
      beforeRename: () => lock.assertHeld(),
      // Gone with the session, and so with a crash of the machine: there is nothing to flush it for.
      durable: false,
    });
    // The agents of an earlier session are not to be restored into this one.
    forgetLastGood(workspace, `.nexus/state/${harnessId}/${TRACKER_NAME}`);
  });
}

/**
 * Ends a session: the tracker goes, project files stay as they are and are not even read. Leaves an access log, empty
 * if no read was seen, so that the next session finds its tracking on.
 */
export async function endSession(workspace: Workspace, input: HarnessChoice = {}): Promise<void> {
  const harnessId = harnessOf(workspace, input);
  await changeWorkspace(workspace, (lock) => {
    const folder = workspacePaths.harness(workspace.root, harnessId);
    ensureFolder(workspace.fs, folder);
    const accessLog = join(folder, 'memory-access.jsonl');
    lock.assertHeld();
    if (lookAt(workspace.fs, accessLog) === undefined)
      writeFileDurable(workspace.fs, accessLog, '', { durable: false });
    removeFileDurable(workspace.fs, trackerPath(workspace, harnessId));
    forgetLastGood(workspace, `.nexus/state/${harnessId}/${TRACKER_NAME}`);
  });
}

/** The namespace that an event is about. Throws HARNESS_ID_INVALID. */
export function harnessOf(workspace: Workspace, { harness_id }: HarnessChoice): string {
  return checkHarnessId(harness_id ?? workspace.harnessId);
}

function trackerPath(workspace: Workspace, harnessId: string): string {
  return join(workspacePaths.harness(workspace.root, harnessId), TRACKER_NAME);
}
