import type { HookReply } from '../../hooks/apply.ts';
import type { HookEvent, HookEventName, ToolKind, ToolUse } from '../../hooks/events.ts';
import {
  answer,
  type HarnessHooks,
  type HookEnvironment,
  type HookOutput,
  type HookPayload,
  refusal,
} from '../contract.ts';
import {
  actingAgent,
  asRecord,
  optionalText,
  patchPaths,
  requiredText,
  textsOf,
  toRole,
} from '../payload.ts';

const KINDS: Readonly<Record<string, ToolKind>> = {
  edit: 'edit',
  multiedit: 'edit',
  write: 'edit',
  patch: 'edit',
  apply_patch: 'edit',
  read: 'read',
  bash: 'shell',
};

/**
 * OpenCode 1.18 has no hook commands, only plugins. Ours hands each call over as `{hook, agent, directory, input,
 * output}` and acts on the answer: `decision: "deny"` makes it throw, `context` goes to the model, `message` to the log.
 */
export const openCodeHooks: HarnessHooks = { parseEvent, renderReply };

function parseEvent(
  name: HookEventName,
  payload: HookPayload,
  environment: HookEnvironment,
): HookEvent | undefined {
  const input = asRecord(payload.input);
  const output = asRecord(payload.output);
  const agentName = optionalText(payload, 'agent');
  const sessionId = optionalText(input, 'sessionID') ?? sessionOf(input);
  const base = {
    cwd: optionalText(payload, 'directory') ?? environment.cwd,
    sessionId,
    agent: actingAgent(isPrimary(agentName) ? undefined : agentName, sessionId, environment),
  };
  switch (name) {
    case 'session-start':
      return { ...base, name, source: 'startup' };
    case 'user-message':
      return { ...base, name, prompt: promptOf(output) };
    case 'subagent-spawn':
      return { ...base, name, spawned: spawnedAgent(input, output, agentName) };
    case 'subagent-complete': {
      const metadata = asRecord(output.metadata);
      const id = optionalText(metadata, 'sessionId') ?? optionalText(metadata, 'sessionID') ?? sessionId;
      const role = textsOf(input.args, ['subagent_type'])[0] ?? agentName;
      return {
        ...base,
        name,
        completed: { name: toRole(role) ?? 'agent', id },
        lastMessage: taskResult(optionalText(output, 'output')),
      };
    }
    case 'pre-tool-use':
      return {
        ...base,
        name,
        use: describeOpenCodeUse(requiredText(input, 'tool'), output.args ?? input.args),
      };
    case 'post-tool-use': {
      const failed = asRecord(output.metadata).error !== undefined;
      return { ...base, name, use: describeOpenCodeUse(requiredText(input, 'tool'), input.args), failed };
    }
    case 'session-end':
    case 'context-compact':
      return { ...base, name };
  }
}

function renderReply(name: HookEventName, _payload: HookPayload, reply: HookReply): HookOutput {
  if (reply.refusal !== undefined && (name === 'pre-tool-use' || name === 'user-message')) {
    return refusal(reply.refusal.reason, { decision: 'deny', reason: reply.refusal.reason });
  }
  const context = reply.modelTexts.join('\n\n');
  const message = reply.personTexts.join('\n');
  return answer({ ...(context === '' ? {} : { context }), ...(message === '' ? {} : { message }) });
}

export function describeOpenCodeUse(tool: string, args: unknown): ToolUse {
  const kind = KINDS[tool.trim().toLowerCase()] ?? 'other';
  const patches = kind === 'edit' ? textsOf(args, ['patchText', 'patch', 'input']).flatMap(patchPaths) : [];
  return {
    tool,
    input: args,
    kind,
    files: kind === 'shell' ? [] : [...textsOf(args, ['filePath', 'file_path']), ...patches],
  };
}

/** The built-in agents that talk to the person act as Lead. */
function isPrimary(agent: string | undefined): boolean {
  return agent === 'build' || agent === 'plan';
}

/** What the subagent said, without the envelope that OpenCode puts around it. */
function taskResult(output: string | undefined): string | undefined {
  return /<task_result>\n?([\s\S]*?)\n?<\/task_result>/.exec(output ?? '')?.[1] ?? output;
}

/** From the `task` tool about to run in the parent's session, or from the first message in the child's. */
function spawnedAgent(
  input: HookPayload,
  output: HookPayload,
  agent: string | undefined,
): { name: string; id: string | undefined } {
  const args = asRecord(output.args);
  const type = optionalText(args, 'subagent_type');
  const role = type ?? agent;
  const child = sessionOf(input) ?? (type === undefined ? optionalText(input, 'sessionID') : undefined);
  return { name: toRole(role) ?? 'agent', id: optionalText(args, 'task_id') ?? child };
}

/** Id of the session that an event of OpenCode's bus is about. */
function sessionOf(input: HookPayload): string | undefined {
  const properties = asRecord(asRecord(input.event).properties);
  return optionalText(asRecord(properties.info), 'id') ?? optionalText(properties, 'sessionID');
}

function promptOf(output: HookPayload): string {
  const parts = output.parts;
  if (!Array.isArray(parts)) return '';
  return parts
    .map(asRecord)
    .filter((part) => part.type === 'text' && part.synthetic !== true)
    .flatMap((part) => textsOf(part, ['text']))
    .join('\n');
}
