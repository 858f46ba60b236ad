import { join } from 'node:path';

import { readJsonl } from '../base/jsonl.ts';
import { MEMORY_ACCESS_LOG } from './memory-access.ts';
import { listNamespaces } from './namespaces.ts';
import { toProjectPath } from './project-path.ts';
import { type MemoryAccess, MemoryAccessSchema } from './state-schemas.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** The reads of all harnesses joined by path: counts added up, the newest read's time and reader. */
export function readMemoryAccess(workspace: Workspace): MemoryAccess[] {
  const merged = new Map<string, MemoryAccess>();
  for (const harnessId of listNamespaces(workspace)) {
    const { values } = readJsonl(
      workspace.fs,
      join(workspacePaths.harness(workspace.root, harnessId), MEMORY_ACCESS_LOG),
    );
    for (const value of values) {
      const parsed = MemoryAccessSchema.loose().safeParse(value);
      if (!parsed.success) continue;
      const path = toProjectPath(workspace.root, parsed.data.path) ?? parsed.data.path;
      const known = merged.get(path);
      const isOlder = known !== undefined && timeOf(known) > timeOf(parsed.data);
      const newest = isOlder ? known : parsed.data;
      merged.set(path, {
        ...newest,
        path,
        access_count: parsed.data.access_count + (known?.access_count ?? 0),
      });
    }
  }
  return [...merged.values()].sort((a, b) => a.path.localeCompare(b.path, 'en'));
}

function timeOf({ last_accessed_ts }: MemoryAccess): number {
  return Date.parse(last_accessed_ts);
}
