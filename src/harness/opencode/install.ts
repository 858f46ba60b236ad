import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { InstallPlace, InstallPlan } from '../install/contract.ts';
import { type RenderContext, SERVER_NAME } from '../rendering.ts';
import { renderPlugin } from './plugin.ts';
import { openCodeAgent, openCodeServer, openCodeSkills } from './render.ts';

/** OpenCode's own folders: agents, skills and the plugin as files, the server in its configuration. */
export function planOpenCode(context: RenderContext, place: InstallPlace): InstallPlan {
  const { folder, plugin, config } = openCodePaths(place);
  return {
    files: [
      ...context.catalog.agents.map((agent) => openCodeAgent(agent, join(folder, 'agents'), context)),
      ...openCodeSkills(join(folder, 'skills'), context),
      { path: plugin, content: renderPlugin(context.command), kind: 'managed' },
    ],
    edits: [
      {
        kind: 'json-member',
        file: config,
        path: ['mcp', SERVER_NAME],
        value: openCodeServer(context.command),
      },
    ],
    notes: [],
  };
}

/** Where OpenCode keeps what an installation touches. */
export function openCodePaths({ scope, home, projectRoot, env }: InstallPlace): {
  readonly folder: string;
  readonly plugin: string;
  readonly config: string;
} {
  const isProject = scope === 'project';
  const configHome = env.XDG_CONFIG_HOME || join(home, '.config');
  const folder = isProject ? join(projectRoot, '.opencode') : join(configHome, 'opencode');
  return {
    folder,
    plugin: join(folder, 'plugins', 'nexo.js'),
    config: configFile(isProject ? projectRoot : folder),
  };
}

/** The file that the user has, with comments or without. */
function configFile(folder: string): string {
  const withComments = join(folder, 'opencode.jsonc');
  return existsSync(withComments) ? withComments : join(folder, 'opencode.json');
}
