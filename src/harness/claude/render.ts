import type { CatalogAgent } from '../../catalog/catalog.ts';
import type { HookEventName } from '../../hooks/events.ts';
import { closedTools } from '../capability-map.ts';
import { hookCommand } from '../hook-commands.ts';
import {
  bodyFor,
  capabilityIds,
  isPrimary,
  jsonFile,
  type Loss,
  type Naming,
  offeredSkillFiles,
  oneLine,
  type RenderContext,
  type RenderedFile,
  type Rendering,
  SERVER_NAME,
  skillFile,
  withFrontMatter,
} from '../rendering.ts';

/** Name of the rendered plugin, where the author gives it no other. */
export const PLUGIN_NAME = 'nexo';

/** Native events, what they match and which of our events they are. */
export const CLAUDE_HOOKS: readonly {
  readonly native: string;
  readonly event: HookEventName;
  readonly matcher?: string;
  readonly timeout: number;
}[] = [
  { native: 'SessionStart', event: 'session-start', timeout: 10 },
  { native: 'UserPromptSubmit', event: 'user-message', timeout: 10 },
  { native: 'SubagentStart', event: 'subagent-spawn', timeout: 10 },
  { native: 'SubagentStop', event: 'subagent-complete', timeout: 10 },
  { native: 'PreToolUse', event: 'pre-tool-use', matcher: '*', timeout: 10 },
  {
    native: 'PostToolUse',
    event: 'post-tool-use',
    // One group for each event: ours is found again by its event.
    matcher: '^(Read|Edit|MultiEdit|Write|NotebookEdit)$|_(plan_start|task_close)$',
    timeout: 10,
  },
  {
    native: 'PostToolUseFailure',
    event: 'post-tool-use',
    matcher: 'Edit|MultiEdit|Write|NotebookEdit',
    timeout: 10,
  },
  { native: 'SessionEnd', event: 'session-end', timeout: 5 },
];

/** Claude Code puts a plugin's name before its agents and skills, and both names before its servers' tools. */
function pluginNaming(plugin: string): Naming {
  return {
    agentName: (id) => `${plugin}:${id}`,
    skillName: (id) => `${plugin}:${id}`,
    toolName: (tool) => pluginToolName(plugin, tool),
  };
}

/** A plugin for Claude Code: the repository, or the folder given with `--plugin-dir`, is the plugin. */
export function renderClaude(plain: RenderContext): Rendering {
  const { pluginName = PLUGIN_NAME } = plain;
  const context: RenderContext = { ...plain, naming: pluginNaming(pluginName) };
  const { catalog, command, version } = context;
  const agents = catalog.agents.filter((agent) => !isPrimary(agent));
  const primary = catalog.agents.find(isPrimary);
  const files: RenderedFile[] = [
    jsonFile('.claude-plugin/plugin.json', {
      name: pluginName,
      version,
      description:
        'Plans, tasks and decisions that outlive the session, a team of agents, and gates that hold.',
      license: 'MIT',
    }),
    jsonFile(
      '.claude-plugin/marketplace.json',
      {
        name: `${pluginName}-local`,
        owner: { name: pluginName },
        plugins: [{ name: pluginName, source: './' }],
      },
      'template',
    ),
    jsonFile('.mcp.json', { mcpServers: { [SERVER_NAME]: claudeServer(command) } }),
    jsonFile('hooks/hooks.json', { hooks: claudeHookGroups(command) }),
    ...catalog.agents.map((agent) => claudeAgent(agent, 'agents', context)),
    ...claudeSkills('skills', context),
  ];
  if (primary !== undefined) files.push(jsonFile('settings.json', { agent: primary.meta.id }));
  return { files, losses: claudeLosses(agents) };
}

function pluginToolName(plugin: string, tool: string): string {
  return `mcp__plugin_${plugin}_${SERVER_NAME}__${tool}`;
}

export function claudeServer(command: readonly string[]): object {
  const [program = 'nexo', ...args] = command;
  return { type: 'stdio', command: program, args: [...args, 'mcp'] };
}

/** The hooks by native event, in the exec form: no shell takes the words apart. */
export function claudeHookGroups(command: readonly string[]): Record<string, object[]> {
  const groups: Record<string, object[]> = {};
  for (const { native, event, matcher, timeout } of CLAUDE_HOOKS) {
    const [program = 'nexo', ...args] = hookCommand(command, event, 'claude');
    // A gate that fails must not let the call pass; everything else must not hold a session up.
    const onFailure = event === 'pre-tool-use' ? { onFailure: 'block' } : {};
    const handler = { type: 'command', command: program, args, timeout, ...onFailure };
    groups[native] = [
      ...(groups[native] ?? []),
      { ...(matcher === undefined ? {} : { matcher }), hooks: [handler] },
    ];
  }
  return groups;
}

export function claudeAgent(agent: CatalogAgent, folder: string, context: RenderContext): RenderedFile {
  const { id, description, model_tier } = agent.meta;
  const { native, server } = closedTools('claude', capabilityIds(agent));
  // Both spellings: as a server of its own, and as one that a plugin brings.
  const mcp = server.flatMap((tool) => [
    `mcp__${SERVER_NAME}__${tool}`,
    pluginToolName(context.pluginName ?? PLUGIN_NAME, tool),
  ]);
  const model = context.models[model_tier];
  const fields = {
    name: id,
    description: oneLine(description),
    disallowedTools: [...native, ...mcp],
    ...(model === undefined ? {} : { model }),
  };
  const content = withFrontMatter(fields, bodyFor(agent, 'claude', context));
  return { path: `${folder}/${id}.md`, content, kind: 'managed', item: id };
}

export function claudeSkills(folder: string, context: RenderContext): RenderedFile[] {
  const team = context.catalog.skills.map((skill) =>
    skillFile(skill, folder, bodyFor(skill, 'claude', context), {
      ...(skill.meta.manual_only === true ? { 'disable-model-invocation': true } : {}),
    }),
  );
  return [...team, ...offeredSkillFiles(folder, context)];
}

function claudeLosses(agents: readonly CatalogAgent[]): Loss[] {
  return [
    {
      subject: 'event:context-compact',
      level: 'degraded',
      how: 'SessionStart with source compact, after the summary instead of before it',
    },
    ...agents.map(
      ({ meta }): Loss => ({
        subject: `agent:${meta.id}`,
        level: 'exact',
        how: 'agent file with disallowedTools, and the gate before each tool',
      }),
    ),
    {
      subject: 'capability:no_file_edit',
      level: 'exact',
      how: 'editing tools disallowed; shell commands judged by the gate',
    },
    {
      subject: 'resume-tier',
      level: 'degraded',
      how: 'SendMessage, where agent teams are switched on; else a fresh agent',
    },
  ];
}
