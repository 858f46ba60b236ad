import { join } from 'node:path';
import * as z from 'zod';

import { isoTime } from '../base/clock.ts';
import { ensureFolder } from '../base/durable-file.ts';
import { appendJsonl, readJsonl } from '../base/jsonl.ts';
import { assertInside } from '../base/safe-path.ts';
import { listNamespaces } from './agent-tracker.ts';
import { toProjectPath } from './project-path.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

const LOG_NAME = 'tool-log.jsonl';

/** One tool call as an agent's harness saw it. `file` is relative to the project, or null when none was touched. */
export const ToolLogEntrySchema = z.looseObject({
  ts: z.string(),
  agent_id: z.string().nullable(),
  tool: z.string(),
  file: z.string().nullable(),
  status: z.enum(['ok', 'error']),
});
export type ToolLogEntry = z.infer<typeof ToolLogEntrySchema>;

/** A call about to be logged. */
export interface ToolCall {
  readonly agent_id: string | null;
  readonly tool: string;
  readonly file: string | null;
  readonly status: 'ok' | 'error';
}

/** Appends one call to this harness's tool log. Paths outside the project are kept as they are given. */
export function appendToolLog(workspace: Workspace, entry: ToolCall): void {
  const folder = workspacePaths.harness(workspace.root, workspace.harnessId);
  assertInside(workspace.root, folder);
  ensureFolder(workspace.fs, folder);
  const file = entry.file === null ? null : (toProjectPath(workspace.root, entry.file) ?? entry.file);
  appendJsonl(workspace.fs, join(folder, LOG_NAME), { ts: isoTime(workspace.clock), ...entry, file });
}

/** The calls in the logs of every harness, and in the log that older releases keep at the root of the state folder. */
export function readToolLog(workspace: Workspace): ToolLogEntry[] {
  const state = workspacePaths.state(workspace.root);
  const folders = [state, ...listNamespaces(workspace).map((id) => join(state, id))];
  return folders.flatMap((folder) =>
    readJsonl(workspace.fs, join(folder, LOG_NAME)).values.flatMap((value) => {
      const parsed = ToolLogEntrySchema.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

/** Files that an agent touched successfully, once each, in order of first touch. */
export function filesTouchedBy(workspace: Workspace, agentId: string): string[] {
  const files = readToolLog(workspace)
    .filter((entry) => entry.agent_id === agentId && entry.status === 'ok' && entry.file !== null)
    .map((entry) => entry.file ?? '');
  return [...new Set(files)];
}
