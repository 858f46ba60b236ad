import { join } from 'node:path';

import { lookAt } from '../base/file-system.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

export type ExtensionBase = 'plan' | 'tasks';

/** Where this harness's extension of the plan or the tasks lies. */
export function extensionPath(workspace: Workspace, base: ExtensionBase): string {
  return join(workspacePaths.harness(workspace.root, workspace.harnessId), `${base}.extension.json`);
}

/** The extensions that are there: two looks, and nothing of what reads them is loaded. */
export function presentExtensions(workspace: Workspace): ExtensionBase[] {
  return (['plan', 'tasks'] as const).filter(
    (base) => lookAt(workspace.fs, extensionPath(workspace, base))?.isFile() ?? false,
  );
}
