import type { CallToolResult } from '@modelcontextprotocol/server';

import { NexoError } from '../errors.ts';
import { toolErrorText, type WorkspaceTool } from '../workspace/tools.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { META } from './protocol.ts';

/** What a tool call came to. `json` is `value` as text, made once; both go to the client. */
export interface ToolAnswer {
  readonly json: string;
  readonly value: Record<string, unknown>;
  readonly isError: boolean;
  /** Root of the workspace in use; undefined while none is. */
  readonly workspace: string | undefined;
}

/** Runs the tool. What a model can act on, bad arguments included, is an answer; anything else is thrown. */
export async function runTool(
  tool: WorkspaceTool,
  workspace: () => Promise<Workspace>,
  input: unknown,
): Promise<ToolAnswer> {
  let root: string | undefined;
  try {
    const opened = await workspace();
    root = opened.root;
    return toAnswer(await tool.run(opened, input), false, root);
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return toAnswer({ error: toolErrorText(error) }, true, root);
  }
}

function toAnswer(result: object, isError: boolean, workspace: string | undefined): ToolAnswer {
  const value: Record<string, unknown> = { ...result };
  return { json: JSON.stringify(value), value, isError, workspace };
}

/** The answer in the protocol's shape. Clients differ in which part they show the model, so both parts say the same. */
export function toCallToolResult({ json, value, isError, workspace }: ToolAnswer): CallToolResult {
  return {
    content: [{ type: 'text', text: json }],
    structuredContent: value,
    ...(isError ? { isError } : {}),
    ...(workspace === undefined ? {} : { _meta: { [META.workspace]: workspace } }),
  };
}
