import { join } from 'node:path';
import * as z from 'zod';

import { readJsonl } from '../base/jsonl.ts';
import { NexoError } from '../errors.ts';
import { listNamespaces } from './namespaces.ts';
import { TOOL_LOG } from './tool-log.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** One tool call as an agent's harness saw it. `file` is relative to the project, or null when none was touched. */
export const ToolLogEntrySchema = z.looseObject({
  ts: z.string(),
  agent_id: z.string().nullable(),
  tool: z.string(),
  file: z.string().nullable(),
  status: z.enum(['ok', 'error']),
});
export type ToolLogEntry = z.infer<typeof ToolLogEntrySchema>;

/** The calls in the logs of every harness, and in the log that older releases keep at the root of the state folder. */
export function readToolLog(workspace: Workspace): ToolLogEntry[] {
  const state = workspacePaths.state(workspace.root);
  const folders = [state, ...listNamespaces(workspace).map((id) => join(state, id))];
  return folders.flatMap((folder) =>
    readLog(workspace, join(folder, TOOL_LOG)).flatMap((value) => {
      const parsed = ToolLogEntrySchema.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

/** One log that cannot be read must not hide the others. */
function readLog(workspace: Workspace, path: string): readonly unknown[] {
  try {
    return readJsonl(workspace.fs, path).values;
  } catch (error) {
    if (error instanceof NexoError) return [];
    throw error;
  }
}

/** Files that an agent touched successfully, once each, in order of first touch. */
export function filesTouchedBy(workspace: Workspace, agentId: string): string[] {
  const files = readToolLog(workspace)
    .filter((entry) => entry.agent_id === agentId && entry.status === 'ok' && entry.file !== null)
    .map((entry) => entry.file ?? '');
  return [...new Set(files)];
}
