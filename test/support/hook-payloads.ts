import { join } from 'node:path';

import type { HarnessName } from '../../src/harness/contract.ts';
import type { HookEventName } from '../../src/hooks/events.ts';

/** A payload as a harness sends it, of the shape that was recorded from it or that its documentation has. */
export interface PayloadQuestion {
  readonly harness: HarnessName;
  readonly event: HookEventName;
  /** The project. */
  readonly cwd: string;
  /** Who acts; left out for Lead. */
  readonly agent?: string | undefined;
  readonly agentId?: string | undefined;
  /** What the tool of a tool event does. */
  readonly use?: 'edit' | 'shell' | 'read' | undefined;
  readonly command?: string | undefined;
}

export function hookPayload(question: PayloadQuestion): Record<string, unknown> {
  return question.harness === 'opencode' ? openCodePayload(question) : commandPayload(question);
}

const NATIVE_NAMES: Readonly<Record<HookEventName, string>> = {
  'session-start': 'SessionStart',
  'user-message': 'UserPromptSubmit',
  'subagent-spawn': 'SubagentStart',
  'subagent-complete': 'SubagentStop',
  'pre-tool-use': 'PreToolUse',
  'post-tool-use': 'PostToolUse',
  'session-end': 'SessionEnd',
  'context-compact': 'PreCompact',
};

const COMMAND = 'git status --short && ls -la src | head -3';

function commandPayload(question: PayloadQuestion): Record<string, unknown> {
  const { event, cwd, agent, agentId = 'agent-1' } = question;
  const base = {
    session_id: '0b6f2c1e-5f7a-4a53-9a0e-2f4f7b1f2a11',
    transcript_path: join(cwd, '..', 'transcript.jsonl'),
    cwd,
    permission_mode: 'default',
    hook_event_name: NATIVE_NAMES[event],
  };
  const acting = agent === undefined ? {} : { agent_type: agent, agent_id: agentId };
  switch (event) {
    case 'session-start':
      return { ...base, source: 'startup', model: 'some-model' };
    case 'user-message':
      return { ...base, prompt: 'Where do we stand?' };
    case 'subagent-spawn':
      return { ...base, agent_type: agent ?? 'engineer', agent_id: agentId };
    case 'subagent-complete':
      return {
        ...base,
        agent_type: agent ?? 'engineer',
        agent_id: agentId,
        last_assistant_message: 'Done.',
        stop_hook_active: false,
      };
    case 'pre-tool-use':
      return { ...base, ...acting, ...commandUse(question), tool_use_id: 'call-1' };
    case 'post-tool-use':
      return { ...base, ...acting, ...commandUse(question), tool_use_id: 'call-1', tool_response: 'ok' };
    case 'session-end':
      return { ...base, reason: 'other' };
    case 'context-compact':
      return { ...base, trigger: 'auto', custom_instructions: '' };
  }
}

function commandUse({ harness, cwd, use = 'edit', command = COMMAND }: PayloadQuestion): {
  tool_name: string;
  tool_input: Record<string, unknown>;
} {
  const note = join(cwd, '.nexus', 'memory', 'empirical-start.md');
  if (use === 'shell') return { tool_name: 'Bash', tool_input: { command, description: 'Look around' } };
  if (harness === 'codex') {
    if (use === 'read') return { tool_name: 'Bash', tool_input: { command: `cat ${note}` } };
    const patch = '*** Begin Patch\n*** Update File: src/a.ts\n@@\n-old\n+new\n*** End Patch\n';
    return { tool_name: 'apply_patch', tool_input: { command: patch } };
  }
  if (use === 'read') return { tool_name: 'Read', tool_input: { file_path: note } };
  const change = { old_string: 'old', new_string: 'new', replace_all: false };
  return { tool_name: 'Edit', tool_input: { file_path: join(cwd, 'src', 'a.ts'), ...change } };
}

function openCodePayload(question: PayloadQuestion): Record<string, unknown> {
  const { event, cwd, agent = 'build', agentId = 'agent-1' } = question;
  const say = (hook: string, input: object, output: object = {}) => ({
    hook,
    agent,
    directory: cwd,
    input,
    output,
  });
  const session = { info: { id: 'ses-1', title: 'Work', directory: cwd } };
  const task = { description: 'Work', prompt: 'Do it.', subagent_type: 'engineer', task_id: agentId };
  const { tool, args } = openCodeUse(question);
  switch (event) {
    case 'session-start':
      return say('event', { event: { type: 'session.created', properties: session } });
    case 'session-end':
      return say('event', { event: { type: 'session.deleted', properties: session } });
    case 'user-message':
      return say(
        'chat.message',
        { sessionID: 'ses-1', agent },
        { message: { id: 'msg-1', role: 'user' }, parts: [{ type: 'text', text: 'Where do we stand?' }] },
      );
    case 'subagent-spawn':
      return say('tool.execute.before', { tool: 'task', sessionID: 'ses-1', callID: 'c' }, { args: task });
    case 'subagent-complete':
      return say(
        'tool.execute.after',
        { tool: 'task', sessionID: 'ses-1', callID: 'c', args: task },
        { title: 'Work', metadata: { sessionId: agentId }, output: '<task_result>\nDone.\n</task_result>' },
      );
    case 'pre-tool-use':
      return say('tool.execute.before', { tool, sessionID: 'ses-1', callID: 'c' }, { args });
    case 'post-tool-use':
      return say(
        'tool.execute.after',
        { tool, sessionID: 'ses-1', callID: 'c', args },
        { title: tool, metadata: {}, output: 'ok' },
      );
    case 'context-compact':
      return say('experimental.session.compacting', { sessionID: 'ses-1' });
  }
}

function openCodeUse({ cwd, use = 'edit', command = COMMAND }: PayloadQuestion): {
  tool: string;
  args: Record<string, unknown>;
} {
  if (use === 'shell') return { tool: 'bash', args: { command, description: 'Look around' } };
  if (use === 'read') {
    return { tool: 'read', args: { filePath: join(cwd, '.nexus', 'memory', 'empirical-start.md') } };
  }
  const change = { oldString: 'old', newString: 'new' };
  return { tool: 'edit', args: { filePath: join(cwd, 'src', 'a.ts'), ...change } };
}
