import { readdirSync } from 'node:fs';

import { type Workspace, workspacePaths } from './workspace.ts';

/** Harness namespaces that exist below `.nexus/state/`, in order of name. */
export function listNamespaces(workspace: Workspace): string[] {
  try {
    return readdirSync(workspacePaths.state(workspace.root), { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() && /^[a-z][a-z0-9-]*$/.test(entry.name) && entry.name !== 'artifacts',
      )
      .map((entry) => entry.name)
      .sort();
  } catch {
    // No state folder yet, or one that cannot be listed: no trackers to read.
    return [];
  }
}
