import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';

import type { ConfigEdit, InstallPlace, InstallPlan } from '../install/contract.ts';
import { isPrimary, type RenderContext, SERVER_NAME } from '../rendering.ts';
import { codexAgent, codexHookGroups, codexServerToml, codexSkills, leadBlock } from './render.ts';

/** Codex's own folders: agents and skills as files, hooks appended, the server and Lead between markers. */
export function planCodex(context: RenderContext, place: InstallPlace): InstallPlan {
  const isProject = place.scope === 'project';
  const { folder, hooks: hooksFile, config } = codexPaths(place);
  const skills = join(isProject ? place.projectRoot : place.home, '.agents', 'skills');
  const lead = context.catalog.agents.find(isPrimary);
  const hooks: ConfigEdit[] = Object.entries(codexHookGroups(context.command)).flatMap(([event, groups]) =>
    groups.map((group) => ({
      kind: 'json-element' as const,
      file: hooksFile,
      path: ['hooks', event],
      value: group,
      marker: ' --harness codex',
      placeholder: { hooks: [] },
    })),
  );
  const server: ConfigEdit = {
    kind: 'block',
    file: config,
    start: '# BEGIN nexo',
    end: '# END nexo',
    text: codexServerToml(context.command),
    conflict: serverConflict,
  };
  const instructions: ConfigEdit[] =
    lead === undefined
      ? []
      : [
          leadEdit(
            isProject ? join(place.projectRoot, 'AGENTS.md') : join(folder, 'AGENTS.md'),
            lead,
            context,
          ),
        ];
  return {
    files: [
      ...context.catalog.agents
        .filter((agent) => !isPrimary(agent))
        .map((agent) => codexAgent(agent, join(folder, 'agents'), context)),
      ...codexSkills(skills, context),
    ],
    edits: [...hooks, server, ...instructions],
    notes: [
      'Codex runs none of these hooks until you trust them: start codex, open /hooks and trust each entry of nexo.',
      ...(isProject
        ? [
            'Codex reads .codex/ only in a trusted project: accept its question, or set trust_level = "trusted".',
          ]
        : []),
    ],
  };
}

/** Where Codex keeps what an installation touches. */
export function codexPaths({ scope, home, projectRoot, env }: InstallPlace): {
  readonly folder: string;
  readonly hooks: string;
  readonly config: string;
} {
  const folder = scope === 'project' ? join(projectRoot, '.codex') : env.CODEX_HOME || join(home, '.codex');
  return { folder, hooks: join(folder, 'hooks.json'), config: join(folder, 'config.toml') };
}

function leadEdit(file: string, lead: Parameters<typeof leadBlock>[0], context: RenderContext): ConfigEdit {
  const lines = leadBlock(lead, context).trimEnd().split('\n');
  const [start = '', ...rest] = lines;
  return { kind: 'block', file, start, end: rest.at(-1) ?? '', text: `${rest.slice(0, -1).join('\n')}\n` };
}

/** TOML takes a table once: one of the user's own under our name stays, and ours stays out. */
function serverConflict(text: string): string | undefined {
  try {
    const servers: unknown = parse(text).mcp_servers;
    const isTaken = typeof servers === 'object' && servers !== null && SERVER_NAME in servers;
    return isTaken ? `mcp_servers.${SERVER_NAME} is there already and is not ours` : undefined;
  } catch (error) {
    if (error instanceof TomlError) return 'it is not valid TOML';
    throw error;
  }
}
