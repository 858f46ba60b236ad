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
  /** What the answer does not show: the file that it comes from cannot be understood. */
  readonly warning?: string | undefined;
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
    const result = await tool.run(opened, input);
    const problem = tool.problem(opened);
    return toAnswer(result, { isError: false, workspace: root, warning: problem && toolErrorText(problem) });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return toAnswer({ error: toolErrorText(error) }, { isError: true, workspace: root });
  }
}

function toAnswer(result: object, about: Omit<ToolAnswer, 'json' | 'value'>): ToolAnswer {
  const value: Record<string, unknown> = { ...result };
  return { json: JSON.stringify(value), value, ...about };
}

/** The answer in the protocol's shape. Clients differ in which part they show the model, so both parts say the same. */
export function toCallToolResult({ json, value, isError, workspace, warning }: ToolAnswer): CallToolResult {
  const meta = {
    ...(workspace === undefined ? {} : { [META.workspace]: workspace }),
    ...(warning === undefined ? {} : { [META.warning]: warning }),
  };
  return {
    content: [{ type: 'text', text: json }],
    structuredContent: value,
    ...(isError ? { isError } : {}),
    ...(workspace === undefined ? {} : { _meta: meta }),
  };
}
