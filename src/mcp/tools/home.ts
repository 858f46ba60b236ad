import type { ServerTool, ToolSource } from '../server-tool.ts';

/** The operator's tools, a file for each group. */
const HOME_TOOLS: readonly ServerTool[] = [];

export const homeTools: ToolSource = { tools: async () => HOME_TOOLS };
