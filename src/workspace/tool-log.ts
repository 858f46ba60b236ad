import { join } from 'node:path';

import { isoTime } from '../base/clock.ts';
import { ensureFolder } from '../base/folder.ts';
import { appendJsonl } from '../base/jsonl.ts';
import { prepareFolders } from './folders.ts';
import { toProjectPath } from './project-path.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Name of the tool log in a harness's namespace. */
export const TOOL_LOG = 'tool-log.jsonl';

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
  prepareFolders(workspace);
  ensureFolder(workspace.fs, folder);
  const file = entry.file === null ? null : (toProjectPath(workspace.root, entry.file) ?? entry.file);
  appendJsonl(workspace.fs, join(folder, TOOL_LOG), { ts: isoTime(workspace.clock), ...entry, file });
}
