import { join } from 'node:path';

import { readJsonl } from '../base/jsonl.ts';
import { NexoError } from '../errors.ts';
import { listNamespaces } from './namespaces.ts';
import { TOOL_LOG } from './tool-log.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** One tool call as an agent's harness saw it. `file` is relative to the project, or null when none was touched. */
export interface ToolLogEntry {
  readonly ts: string;
  readonly agent_id: string | null;
  readonly tool: string;
  readonly file: string | null;
  readonly status: 'ok' | 'error';
}

/** The calls in the logs of every harness, and in the log that older releases keep at the root of the state folder. */
export function readToolLog(workspace: Workspace): ToolLogEntry[] {
  const state = workspacePaths.state(workspace.root);
  const folders = [state, ...listNamespaces(workspace).map((id) => join(state, id))];
  return folders.flatMap((folder) => readLog(workspace, join(folder, TOOL_LOG)).filter(isEntry));
}

/** By hand: the hook at an agent's end asks this, and a schema would take longer to load than the log to read. */
function isEntry(value: unknown): value is ToolLogEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { ts, agent_id, tool, file, status } = value as Record<string, unknown>;
  return (
    typeof ts === 'string' &&
    typeof tool === 'string' &&
    (agent_id === null || typeof agent_id === 'string') &&
    (file === null || typeof file === 'string') &&
    (status === 'ok' || status === 'error')
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
