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
  const before = readToml(text);
  if (before === undefined) return 'it is not valid TOML';
  const servers = before.mcp_servers;
  const isTaken = typeof servers === 'object' && servers !== null && SERVER_NAME in servers;
  if (isTaken) return `mcp_servers.${SERVER_NAME} is there already and is not ours`;
  // A table that is written in braces, or a value of another kind, takes no further member.
  if (readToml(`${text}\n[mcp_servers.${SERVER_NAME}]\n`) === undefined)
    return 'mcp_servers cannot be extended as it is written: give each server a table [mcp_servers.NAME] of its own';
  return undefined;
}

function readToml(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}
