import { join } from 'node:path';

import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { assertInside } from '../base/safe-path.ts';
import { changeWorkspace } from './change.ts';
import { writeGitignore } from './folders.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

const FOLDERS = ['memory', 'context', 'rules', 'state'] as const;

/** Makes what is missing of `.nexus/`; what is there is never touched. Paths are relative to the project. */
export async function initialiseWorkspace(
  workspace: Workspace,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<{ created: string[] }> {
  const nexus = workspacePaths.nexus(workspace.root);
  const exists = (path: string): boolean => lookAt(workspace.fs, path) !== undefined;
  const missing = FOLDERS.filter((name) => !exists(join(nexus, name)));
  const needsIgnore = !exists(join(nexus, '.gitignore'));
  const created = [
    ...missing.map((name) => `.nexus/${name}/`),
    ...(needsIgnore ? ['.nexus/.gitignore'] : []),
  ];
  if (dryRun || created.length === 0) return { created };
  await changeWorkspace(workspace, () => {
    for (const name of missing) {
      assertInside(workspace.root, nexus);
      ensureFolder(workspace.fs, join(nexus, name));
    }
    writeGitignore(workspace);
  });
  return { created };
}
