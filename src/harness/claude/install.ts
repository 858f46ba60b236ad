import { join } from 'node:path';

import type { ConfigEdit, InstallPlace, InstallPlan } from '../install/contract.ts';
import { type RenderContext, SERVER_NAME } from '../rendering.ts';
import { claudeAgent, claudeHookGroups, claudeServer, claudeSkills } from './render.ts';

/** Claude Code's own folders: agents and skills as files, hooks in the settings, the server in its list. */
export function planClaude(context: RenderContext, place: InstallPlace): InstallPlan {
  const { folder, settings, servers } = claudePaths(place);
  const files = [
    ...context.catalog.agents.map((agent) => claudeAgent(agent, join(folder, 'agents'), context)),
    ...claudeSkills(join(folder, 'skills'), context),
  ];
  const hooks: ConfigEdit[] = Object.entries(claudeHookGroups(context.command)).flatMap(([event, groups]) =>
    groups.map((group) => ({
      kind: 'json-element' as const,
      file: settings,
      path: ['hooks', event],
      value: group,
      marker: markerOf(group),
    })),
  );
  return {
    files,
    edits: [
      ...hooks,
      {
        kind: 'json-member',
        file: servers,
        path: ['mcpServers', SERVER_NAME],
        value: claudeServer(context.command),
      },
    ],
    notes:
      place.scope === 'project'
        ? [
            'Claude Code asks once, in an interactive session, whether to trust this folder and its MCP server.',
          ]
        : [],
  };
}

/** Where Claude Code keeps what an installation touches. */
export function claudePaths({ scope, home, projectRoot, env }: InstallPlace): {
  readonly folder: string;
  readonly settings: string;
  readonly servers: string;
} {
  const folder =
    scope === 'project' ? join(projectRoot, '.claude') : env.CLAUDE_CONFIG_DIR || join(home, '.claude');
  return {
    folder,
    settings: join(folder, 'settings.json'),
    servers: scope === 'project' ? join(projectRoot, '.mcp.json') : join(home, '.claude.json'),
  };
}

/** The words that only our handler of this event holds; the program before them may move with an upgrade. */
function markerOf(group: object): string {
  const [handler] = (group as { hooks: { args: string[] }[] }).hooks;
  return JSON.stringify((handler?.args ?? []).slice(-4)).slice(1, -1);
}
