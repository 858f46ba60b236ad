import type { ServerTool, ToolSource } from '../server-tool.ts';
import { adviseTool } from './advise.ts';
import { SCRIPT_TOOLS } from './scripts.ts';

/** The operator's tools, a file for each group. */
const HOME_TOOLS: readonly ServerTool[] = [adviseTool, ...SCRIPT_TOOLS];
import { skillTools } from './skills.ts';

/** The operator's tools, a file for each group. */
const HOME_TOOLS: readonly ServerTool[] = [adviseTool, ...skillTools];

export const homeTools: ToolSource = { tools: async () => HOME_TOOLS };
