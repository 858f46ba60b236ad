import type { ServerTool, ToolSource } from '../server-tool.ts';
import { adviseTool } from './advise.ts';
import { doctorTool } from './doctor.ts';
import { PLUGIN_TOOLS } from './plugins.ts';
import { SCHEDULE_TOOLS } from './schedules.ts';
import { SCRIPT_TOOLS } from './scripts.ts';
import { SKILL_TOOLS } from './skills.ts';

/** The operator's tools, a file for each group. */
const GROUPS: readonly (readonly ServerTool[])[] = [
  [adviseTool],
  [doctorTool],
  SCRIPT_TOOLS,
  // One line a group, so that groups can be added side by side.
  SKILL_TOOLS,
  SCHEDULE_TOOLS,
  PLUGIN_TOOLS,
];

export const homeTools: ToolSource = { tools: async () => GROUPS.flat() };
