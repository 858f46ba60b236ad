import { join } from 'node:path';

import { readRegularFile, removeFileDurable, writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { decodeUtf8, JsonFault, parseJson } from '../base/json-document.ts';
import { changeWorkspace } from './change.ts';
import { writeGitignore } from './folders.ts';
import { forgetLastGood } from './last-good.ts';
import { asidePath, setAside } from './set-aside.ts';
import { checkHarnessId, type Workspace, workspacePaths } from './workspace.ts';

/** Which harness's namespace is meant; default the workspace's own. */
export interface HarnessChoice {
  readonly harness_id?: string | undefined;
}

const TRACKER_NAME = 'agent-tracker.json';

/**
 * Begins a session: an empty tracker in the harness's namespace. One that cannot be understood is set aside, and the
 * answer says where, below the project.
 */
export async function startSession(
  workspace: Workspace,
  input: HarnessChoice = {},
): Promise<{ setAside: string | undefined }> {
  const harnessId = harnessOf(workspace, input);
  return changeWorkspace(workspace, (lock) => {
    writeGitignore(workspace);
    // Older releases kept one tracker at the root of the state folder.
    removeFileDurable(workspace.fs, join(workspacePaths.state(workspace.root), 'agent-tracker.json'));
    ensureFolder(workspace.fs, workspacePaths.harness(workspace.root, harnessId));
    const tracker = trackerPath(workspace, harnessId);
    const aside = isUnderstood(workspace, tracker) ? undefined : asidePath(workspace, tracker);
    if (aside !== undefined) {
      lock.assertHeld();
      setAside(workspace, tracker, aside, undefined);
    }
    writeFileDurable(workspace.fs, tracker, '[]\n', {
      beforeRename: () => lock.assertHeld(),
      // Gone with the session, and so with a crash of the machine: there is nothing to flush it for.
      durable: false,
    });
    // The agents of an earlier session are not to be restored into this one.
    forgetLastGood(workspace, `.nexus/state/${harnessId}/${TRACKER_NAME}`);
    return { setAside: aside };
  });
}

/** Whether a tracker is a list of entries, as far as can be told without the schemas, which a hook does not load. */
function isUnderstood({ fs }: Workspace, tracker: string): boolean {
  try {
    const bytes = readRegularFile(fs, tracker)?.bytes;
    // An empty one is what a crash of the machine leaves of it.
    if (bytes === undefined || bytes.length === 0) return true;
    const value = parseJson(decodeUtf8(bytes));
    return Array.isArray(value) && value.every((entry) => typeof entry?.agent_id === 'string');
  } catch (error) {
    if (error instanceof JsonFault) return false;
    throw error;
  }
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
