import type { CatalogAgent } from '../../catalog/catalog.ts';
import type { HookEventName } from '../../hooks/events.ts';
import { closedTools } from '../capability-map.ts';
import { hookCommand, shellLine } from '../hook-commands.ts';
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
} from '../rendering.ts';

/** In the order in which they stand in the file: Codex trusts hooks by their place in it. */
export const CODEX_HOOKS: readonly {
  readonly native: string;
  readonly event: HookEventName;
  readonly matcher?: string;
  readonly timeout: number;
}[] = [
  { native: 'SessionStart', event: 'session-start', timeout: 10 },
  { native: 'UserPromptSubmit', event: 'user-message', timeout: 10 },
  { native: 'PreToolUse', event: 'pre-tool-use', timeout: 10 },
  { native: 'PostToolUse', event: 'post-tool-use', timeout: 10 },
  { native: 'SubagentStart', event: 'subagent-spawn', timeout: 10 },
  { native: 'SubagentStop', event: 'subagent-complete', timeout: 10 },
  // One second by default, three at most.
  { native: 'SessionEnd', event: 'session-end', timeout: 3 },
];

/** A repository that Codex works in: agents, skills, hooks and the fragments of the two files that are the user's. */
export function renderCodex(context: RenderContext): Rendering {
  const { catalog, command } = context;
  const agents = catalog.agents.filter((agent) => !isPrimary(agent));
  const primary = catalog.agents.find(isPrimary);
  const files: RenderedFile[] = [
    jsonFile('.codex/hooks.json', { hooks: codexHookGroups(command) }),
    { path: 'install/config.fragment.toml', content: codexServerToml(command), kind: 'managed' },
    ...agents.map((agent) => codexAgent(agent, '.codex/agents', context)),
    ...codexSkills('.agents/skills', context),
  ];
  if (primary !== undefined) {
    files.push({
      path: 'install/AGENTS.fragment.md',
      content: leadBlock(primary, context),
      kind: 'managed',
      item: primary.meta.id,
    });
  }
  return { files, losses: codexLosses(agents) };
}

/** The hooks by native event, in the shell form: Codex passes over `args` without a word. */
export function codexHookGroups(command: readonly string[]): Record<string, object[]> {
  const groups: Record<string, object[]> = {};
  for (const { native, event, matcher, timeout } of CODEX_HOOKS) {
    const handler = { type: 'command', command: shellLine(hookCommand(command, event, 'codex')), timeout };
    groups[native] = [
      ...(groups[native] ?? []),
      { ...(matcher === undefined ? {} : { matcher }), hooks: [handler] },
    ];
  }
  return groups;
}

export function codexServerToml(command: readonly string[]): string {
  const [program = 'nexo', ...args] = command;
  return [
    `[mcp_servers.${SERVER_NAME}]`,
    `command = ${tomlText(program)}`,
    `args = [${[...args, 'mcp'].map(tomlText).join(', ')}]`,
    '',
  ].join('\n');
}

export function codexAgent(agent: CatalogAgent, folder: string, context: RenderContext): RenderedFile {
  const { id, description, model_tier } = agent.meta;
  const capabilities = capabilityIds(agent);
  const { server } = closedTools('codex', capabilities);
  const model = context.models[model_tier];
  const lines = [
    `name = ${tomlText(id)}`,
    `description = ${tomlText(oneLine(description))}`,
    `developer_instructions = ${tomlText(bodyFor(agent, 'codex', context))}`,
    ...(model === undefined ? [] : [`model = ${tomlText(model)}`]),
    // For a session of its own. As a subagent, Codex 0.169 gives it the sandbox and the tools of its parent all the same.
    ...(capabilities.includes('no_file_edit') ? ['sandbox_mode = "read-only"'] : []),
    ...(server.length === 0
      ? []
      : [
          '',
          `[mcp_servers.${SERVER_NAME}]`,
          ...serverLines(context.command),
          `disabled_tools = [${server.map(tomlText).join(', ')}]`,
        ]),
    '',
  ];
  return { path: `${folder}/${id}.toml`, content: lines.join('\n'), kind: 'managed', item: id };
}

export function codexSkills(folder: string, context: RenderContext): RenderedFile[] {
  const team = context.catalog.skills.flatMap((skill) => {
    const file = skillFile(skill, folder, bodyFor(skill, 'codex', context));
    if (skill.meta.manual_only !== true) return [file];
    const policy = 'policy:\n  allow_implicit_invocation: false\n';
    return [
      file,
      {
        path: `${folder}/${skill.meta.id}/agents/openai.yaml`,
        content: policy,
        kind: 'managed' as const,
        item: skill.meta.id,
      },
    ];
  });
  return [...team, ...offeredSkillFiles(folder, context)];
}

/** Lead's instructions between markers, for an `AGENTS.md` that is otherwise the user's. */
export function leadBlock(lead: CatalogAgent, context: RenderContext): string {
  const { id, name } = lead.meta;
  return `<!-- nexo:${id}:start -->\n# ${name}\n\n${bodyFor(lead, 'codex', context)}<!-- nexo:${id}:end -->\n`;
}

function serverLines(command: readonly string[]): string[] {
  return codexServerToml(command).split('\n').slice(1, 3);
}

/** A TOML basic string: JSON's escapes are a subset of TOML's, but for DEL. */
export function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function codexLosses(agents: readonly CatalogAgent[]): Loss[] {
  return [
    { subject: 'event:context-compact', level: 'degraded', how: 'SessionStart with source compact' },
    {
      subject: 'event:subagent-complete',
      level: 'degraded',
      how: 'the tracker is kept; a warning of unfinished tasks cannot be given to Lead, who hears of them at the next message',
    },
    ...agents.map(
      ({ meta }): Loss => ({
        subject: `agent:${meta.id}`,
        level: 'exact',
        how: 'agent file; what it may not do is held by the gate alone',
      }),
    ),
    {
      subject: 'capability:no_file_edit',
      level: 'degraded',
      how: 'only the gate: a subagent gets the sandbox of its parent, whatever sandbox_mode its file sets',
    },
    ...['no_task_create', 'no_task_update', 'no_task_close'].map(
      (capability): Loss => ({
        subject: `capability:${capability}`,
        level: 'degraded',
        how: 'only the gate: a subagent gets the MCP tools of its parent, whatever disabled_tools its file sets',
      }),
    ),
    {
      subject: 'capability:no_subagent_spawn',
      level: 'degraded',
      how: 'only the gate: Codex has no tool list for agents',
    },
    {
      subject: 'capability:no_user_question',
      level: 'degraded',
      how: 'only the gate: Codex has no tool list for agents',
    },
    {
      subject: 'capability:no_shell_exec',
      level: 'degraded',
      how: 'the gate; input to a running shell passes no hook',
    },
    {
      subject: 'hook-trust',
      level: 'degraded',
      how: 'Codex skips hooks until they are trusted in /hooks, and exec says nothing of it',
    },
  ];
}
