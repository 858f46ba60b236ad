import type { CatalogAgent } from '../../catalog/catalog.ts';
import { closedTools } from '../capability-map.ts';
import {
  bodyFor,
  capabilityIds,
  isPrimary,
  jsonFile,
  type Loss,
  offeredSkillFiles,
  oneLine,
  type RenderContext,
  type RenderedFile,
  type Rendering,
  SERVER_NAME,
  skillFile,
  withFrontMatter,
} from '../rendering.ts';
import { renderPlugin } from './plugin.ts';

/** A repository that OpenCode works in: agents, skills and the plugin that carries the hooks. */
export function renderOpenCode(context: RenderContext): Rendering {
  const { catalog, command } = context;
  const files: RenderedFile[] = [
    jsonFile(
      'opencode.json',
      { $schema: 'https://opencode.ai/config.json', mcp: { [SERVER_NAME]: openCodeServer(command) } },
      'template',
    ),
    { path: '.opencode/plugins/nexo.js', content: renderPlugin(command), kind: 'managed' },
    ...catalog.agents.map((agent) => openCodeAgent(agent, '.opencode/agents', context)),
    ...openCodeSkills('.opencode/skills', context),
  ];
  return { files, losses: openCodeLosses(catalog.agents) };
}

export function openCodeServer(command: readonly string[]): object {
  return { type: 'local', command: [...command, 'mcp'], enabled: true };
}

export function openCodeAgent(agent: CatalogAgent, folder: string, context: RenderContext): RenderedFile {
  const { id, description, model_tier } = agent.meta;
  const { native, server } = closedTools('opencode', capabilityIds(agent));
  const denied = [...new Set(native.map(permissionKey)), ...server.map((tool) => `${SERVER_NAME}_${tool}`)];
  const model = context.models[model_tier];
  const fields = {
    description: oneLine(description),
    mode: isPrimary(agent) ? 'primary' : 'subagent',
    ...(model === undefined ? {} : { model }),
    permission: Object.fromEntries(denied.map((key) => [key, 'deny'])),
  };
  const content = withFrontMatter(fields, bodyFor(agent, 'opencode', context));
  return { path: `${folder}/${id}.md`, content, kind: 'managed', item: id };
}

/** Every editing tool asks under one key. */
function permissionKey(tool: string): string {
  return ['edit', 'write', 'patch', 'multiedit'].includes(tool) ? 'edit' : tool;
}

export function openCodeSkills(folder: string, context: RenderContext): RenderedFile[] {
  const team = context.catalog.skills.map((skill) =>
    skillFile(skill, folder, bodyFor(skill, 'opencode', context)),
  );
  return [...team, ...offeredSkillFiles(folder, context)];
}

function openCodeLosses(agents: readonly CatalogAgent[]): Loss[] {
  return [
    { subject: 'event:session-end', level: 'degraded', how: 'session.deleted or the end of the program' },
    {
      subject: 'event:user-message',
      level: 'degraded',
      how: 'a refused message is replaced by the reason; it cannot be stopped',
    },
    ...agents.map(
      ({ meta }): Loss => ({
        subject: `agent:${meta.id}`,
        level: 'exact',
        how: 'agent file with permissions, and the gate in the plugin',
      }),
    ),
    {
      subject: 'skill:nx-init',
      level: 'degraded',
      how: 'no switch for skills that only a person may start; its description says so',
    },
    {
      subject: 'capability:no_file_edit',
      level: 'exact',
      how: 'permission edit: deny, and the gate before each tool',
    },
  ];
}
