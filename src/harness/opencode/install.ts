import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { InstallPlace, InstallPlan } from '../install/contract.ts';
import { type RenderContext, SERVER_NAME } from '../rendering.ts';
import { renderPlugin } from './plugin.ts';
import { openCodeAgent, openCodeServer, openCodeSkills } from './render.ts';

/** OpenCode's own folders: agents, skills and the plugin as files, the server in its configuration. */
export function planOpenCode(context: RenderContext, place: InstallPlace): InstallPlan {
  const configHome = place.env.XDG_CONFIG_HOME || join(place.home, '.config');
  const isProject = place.scope === 'project';
  const folder = isProject ? join(place.projectRoot, '.opencode') : join(configHome, 'opencode');
  const configFolder = isProject ? place.projectRoot : folder;
  return {
    files: [
      ...context.catalog.agents.map((agent) => openCodeAgent(agent, join(folder, 'agents'), context)),
      ...openCodeSkills(join(folder, 'skills'), context),
      { path: join(folder, 'plugins', 'nexo.js'), content: renderPlugin(context.command), kind: 'managed' },
    ],
    edits: [
      {
        kind: 'json-member',
        file: configFile(configFolder),
        path: ['mcp', SERVER_NAME],
        value: openCodeServer(context.command),
      },
    ],
    notes: [],
  };
}

/** The file that the user has, with comments or without. */
function configFile(folder: string): string {
  const withComments = join(folder, 'opencode.jsonc');
  return existsSync(withComments) ? withComments : join(folder, 'opencode.json');
}
