import { join } from 'node:path';
import * as z from 'zod';

import { writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { assertInside, toCleanSegments } from '../base/safe-path.ts';
import { changeWorkspace } from './change.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

export const ArtifactWriteInput = z.strictObject({
  filename: z.string().describe('Plain name or relative path'),
  content: z.string(),
});

/**
 * Saves a file below `.nexus/state/artifacts/`, replacing one of the same name. Whatever the name's spelling, the file
 * stays below that folder, and the answer has its true path. Throws ARTIFACT_NAME_INVALID, PATH_ESCAPES, IO_FAILED.
 */
export async function writeArtifact(
  workspace: Workspace,
  { filename, content }: z.infer<typeof ArtifactWriteInput>,
): Promise<{ success: true; path: string }> {
  const segments = toCleanSegments(filename);
  const artifacts = workspacePaths.artifacts(workspace.root);
  const path = join(artifacts, ...segments);
  const folder = join(path, '..');
  return changeWorkspace(workspace, (lock) => {
    assertInside(workspace.root, artifacts);
    ensureFolder(workspace.fs, artifacts);
    assertInside(artifacts, folder);
    ensureFolder(workspace.fs, folder);
    writeFileDurable(workspace.fs, path, content, { beforeRename: () => lock.assertHeld() });
    return { success: true, path };
  });
}
