import { NexoError } from '../../errors.ts';
import { toolErrorText, WORKSPACE_TOOLS, type WorkspaceTool } from '../../workspace/tools.ts';
import {
  type ServerTool,
  type ToolAnswer,
  type ToolSource,
  type ToolWorld,
  toToolAnswer,
} from '../server-tool.ts';
import { defineForClients } from '../tool-definition.ts';

/** Put before the contract's name of a tool; harnesses put the server's name before that. */
export const TOOL_PREFIX = 'nx_';

let tools: readonly ServerTool[] | undefined;

/** The tools of the workspace contract. */
export const workspaceTools: ToolSource = {
  tools: async () => (tools ??= WORKSPACE_TOOLS.map(toServerTool)),
};

function toServerTool(tool: WorkspaceTool): ServerTool {
  return {
    definition: defineForClients({ ...tool, name: TOOL_PREFIX + tool.name }),
    isReadOnly: tool.annotations.readOnlyHint,
    call: (world, input) => callTool(tool, world, input),
  };
}

async function callTool(tool: WorkspaceTool, world: ToolWorld, input: unknown): Promise<ToolAnswer> {
  let root: string | undefined;
  try {
    const workspace = await world.workspace();
    root = workspace.root;
    const result = await tool.run(workspace, input);
    const problem = tool.problem(workspace);
    return toToolAnswer(result, {
      isError: false,
      workspace: root,
      warning: problem && toolErrorText(problem),
    });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return toToolAnswer({ error: toolErrorText(error) }, { isError: true, workspace: root });
  }
}
