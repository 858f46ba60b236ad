import type { HookReply } from '../hooks/apply.ts';
import type { HookEvent, HookEventName, ToolUse } from '../hooks/events.ts';
import {
  answer,
  type HarnessHooks,
  type HookEnvironment,
  type HookOutput,
  type HookPayload,
  refusal,
  SILENCE,
} from './contract.ts';
import { actingAgent, optionalText, requiredText, toRole } from './payload.ts';

/** What differs between the harnesses that start a command with a JSON payload for each event. */
export interface CommandDialect {
  /** The harness's own name of each event, for payloads that do not carry it. */
  readonly nativeNames: Readonly<Record<HookEventName, string>>;
  /** Events in whose answer `hookSpecificOutput.additionalContext` is a known field. */
  readonly contextEvents: ReadonlySet<string>;
  /** Events in whose answer `systemMessage` is a known field. */
  readonly messageEvents: ReadonlySet<string>;
  /** Longest text for the model, in characters. */
  readonly maxContext: number;
  describeUse(tool: string, input: unknown): ToolUse;
}

const SOURCES = ['startup', 'resume', 'clear', 'compact', 'fork'] as const;

/** Reads payloads and writes answers in the form that Claude Code introduced and Codex adopted with fewer fields. */
export function createCommandHooks(dialect: CommandDialect): HarnessHooks {
  return {
    parseEvent: (name, payload, environment) => parseEvent(dialect, name, payload, environment),
    renderReply: (name, payload, reply) => renderReply(dialect, name, payload, reply),
  };
}

function parseEvent(
  dialect: CommandDialect,
  name: HookEventName,
  payload: HookPayload,
  environment: HookEnvironment,
): HookEvent | undefined {
  const agentId = optionalText(payload, 'agent_id');
  const agentName = optionalText(payload, 'agent_type') ?? optionalText(payload, 'agent');
  const base = {
    cwd: optionalText(payload, 'cwd') ?? environment.cwd,
    sessionId: optionalText(payload, 'session_id'),
    agent: actingAgent(agentName, agentId, environment),
  };
  switch (name) {
    case 'session-start': {
      const source = SOURCES.find((each) => each === payload.source) ?? 'startup';
      return { ...base, name, source };
    }
    case 'user-message':
      return { ...base, name, prompt: requiredText(payload, 'prompt') };
    case 'subagent-spawn':
      return { ...base, name, spawned: { name: toRole(agentName) ?? 'agent', id: agentId } };
    case 'subagent-complete': {
      const lastMessage = optionalText(payload, 'last_assistant_message');
      return { ...base, name, completed: { name: toRole(agentName) ?? 'agent', id: agentId }, lastMessage };
    }
    case 'pre-tool-use':
      return {
        ...base,
        name,
        use: dialect.describeUse(requiredText(payload, 'tool_name'), payload.tool_input),
      };
    case 'post-tool-use': {
      const failed =
        nativeName(dialect, name, payload) === 'PostToolUseFailure' || payload.error !== undefined;
      return {
        ...base,
        name,
        use: dialect.describeUse(requiredText(payload, 'tool_name'), payload.tool_input),
        failed,
      };
    }
    case 'session-end':
    case 'context-compact':
      return { ...base, name };
  }
}

function renderReply(
  dialect: CommandDialect,
  name: HookEventName,
  payload: HookPayload,
  reply: HookReply,
): HookOutput {
  const native = nativeName(dialect, name, payload);
  const { refusal: refused } = reply;
  if (refused !== undefined && name === 'pre-tool-use') {
    return refusal(refused.reason, {
      hookSpecificOutput: {
        hookEventName: native,
        permissionDecision: 'deny',
        permissionDecisionReason: refused.reason,
      },
    });
  }
  const answers: Record<string, unknown> = {};
  if (refused !== undefined) Object.assign(answers, { decision: 'block', reason: refused.reason });
  const personText = reply.personTexts.join('\n');
  if (personText !== '' && dialect.messageEvents.has(native)) answers.systemMessage = personText;
  const context = reply.modelTexts.join('\n\n').slice(0, dialect.maxContext).toWellFormed();
  if (context !== '' && refused === undefined && dialect.contextEvents.has(native)) {
    answers.hookSpecificOutput = { hookEventName: native, additionalContext: context };
  }
  const unsaid = personText !== '' && !dialect.messageEvents.has(native) ? `${personText}\n` : '';
  return Object.keys(answers).length === 0
    ? { ...SILENCE, stderr: unsaid }
    : { ...answer(answers), stderr: unsaid };
}

/** The event's own name: from the payload when it is one, so that one neutral event can serve several native ones. */
function nativeName(dialect: CommandDialect, name: HookEventName, payload: HookPayload): string {
  const given = optionalText(payload, 'hook_event_name');
  return given !== undefined && /^[A-Za-z]{1,40}$/.test(given) ? given : dialect.nativeNames[name];
}
