import { join } from 'node:path';

import { isoTime } from '../base/clock.ts';
import { ensureFolder } from '../base/folder.ts';
import { removeFromJsonl, upsertJsonl } from '../base/jsonl.ts';
import { NexoError } from '../errors.ts';
import { changeWorkspace } from './change.ts';
import { listNamespaces } from './namespaces.ts';
import { toProjectPath } from './project-path.ts';
import type { MemoryAccess } from './state-schemas.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Name of the access log in a harness's namespace. */
export const MEMORY_ACCESS_LOG = 'memory-access.jsonl';

/**
 * Counts one completed content read of a memory file in this harness's access log. `path` may be absolute or relative
 * to the project; the log has it relative, with `/`. Throws INPUT_INVALID for a path outside `.nexus/memory/`.
 */
export async function recordMemoryRead(
  workspace: Workspace,
  { path, agent }: { path: string; agent: string },
): Promise<MemoryAccess> {
  const id = toProjectPath(workspace.root, path);
  if (id === undefined || !id.startsWith('.nexus/memory/')) {
    throw new NexoError('INPUT_INVALID', `${path} is not a memory file.`, {
      hint: 'Memory files lie below .nexus/memory/.',
    });
  }
  return changeWorkspace(workspace, (lock) => {
    const folder = workspacePaths.harness(workspace.root, workspace.harnessId);
    ensureFolder(workspace.fs, folder);
    let written: MemoryAccess | undefined;
    const update = (existing: Record<string, unknown> | undefined): MemoryAccess => {
      const count = existing?.access_count;
      written = {
        ...existing,
        path: id,
        last_accessed_ts: isoTime(workspace.clock),
        access_count: (typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0) + 1,
        last_agent: agent === '' ? 'unknown' : agent,
      };
      return written;
    };
    const beforeRename = (): void => lock.assertHeld();
    upsertJsonl(workspace.fs, join(folder, MEMORY_ACCESS_LOG), { key: 'path', id, update }, { beforeRename });
    return written ?? update(undefined);
  });
}

/** Takes a file that is gone out of the access logs of all harnesses, so that a later one of that name starts at zero. */
export async function dropMemoryAccess(workspace: Workspace, path: string): Promise<void> {
  await changeWorkspace(workspace, (lock) => {
    for (const harnessId of listNamespaces(workspace)) {
      const log = join(workspacePaths.harness(workspace.root, harnessId), MEMORY_ACCESS_LOG);
      const isGone = (record: Record<string, unknown>): boolean =>
        typeof record.path === 'string' && toProjectPath(workspace.root, record.path) === path;
      removeFromJsonl(workspace.fs, log, isGone, { beforeRename: () => lock.assertHeld() });
    }
  });
}
