import { readExtension as read, writeExtension as write } from './workspace/extensions.ts';
import { WORKSPACE_TOOLS as tools } from './workspace/tools.ts';
import type { Workspace } from './workspace/workspace.ts';

export { ERROR_CODES, type ErrorCode, type ErrorDetail, NexoError } from './errors.ts';
export { nexoVersion } from './version.ts';
export { type ProjectRoot, type RootQuestion, resolveProjectRoot } from './workspace/root.ts';
export { openWorkspace, type Workspace, type WorkspaceOptions } from './workspace/workspace.ts';

/**
 * One of the eleven tools of the workspace contract (docs/tools.md). Declared apart from the registry, so that the
 * types of the published package need no other package.
 */
export interface WorkspaceTool {
  /** Name in the contract, such as `task_add`, without a prefix. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: false;
  };
  /**
   * Checks the input, does the work and answers with the contract's plain data; a change is on disk by then.
   * Throws NexoError, INPUT_INVALID for arguments that do not fit.
   */
  run(workspace: Workspace, input: unknown): Promise<object>;
}

export const WORKSPACE_TOOLS: readonly WorkspaceTool[] = tools;

/**
 * Writes this harness's extension of the plan or the tasks (docs/state-files.md), replacing an earlier one.
 * Throws INPUT_INVALID when there is nothing to extend or when it declares common fields again.
 */
export const writeExtension: (
  workspace: Workspace,
  base: 'plan' | 'tasks',
  extension: unknown,
) => Promise<void> = write;

/** This harness's extension, or undefined when there is none or it cannot be read. */
export const readExtension: (
  workspace: Workspace,
  base: 'plan' | 'tasks',
) => Record<string, unknown> | undefined = read;
