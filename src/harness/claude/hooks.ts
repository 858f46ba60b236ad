import type { ToolKind, ToolUse } from '../../hooks/events.ts';
import { createCommandHooks } from '../command-hooks.ts';
import { textsOf } from '../payload.ts';

const KINDS: Readonly<Record<string, ToolKind>> = {
  edit: 'edit',
  multiedit: 'edit',
  write: 'edit',
  notebookedit: 'edit',
  read: 'read',
  bash: 'shell',
  powershell: 'shell',
};

/** Claude Code 2.1: payloads and answers as its documentation and shipped types have them. */
export const claudeHooks = createCommandHooks({
  nativeNames: {
    'session-start': 'SessionStart',
    'user-message': 'UserPromptSubmit',
    'subagent-spawn': 'SubagentStart',
    'subagent-complete': 'SubagentStop',
    'pre-tool-use': 'PreToolUse',
    'post-tool-use': 'PostToolUse',
    'session-end': 'SessionEnd',
    'context-compact': 'PreCompact',
  },
  contextEvents: new Set([
    'SessionStart',
    'UserPromptSubmit',
    'PreToolUse',
    'PostToolUse',
    'PostToolUseFailure',
    'SubagentStart',
    'SubagentStop',
  ]),
  messageEvents: new Set([
    'SessionStart',
    'UserPromptSubmit',
    'PreToolUse',
    'PostToolUse',
    'PostToolUseFailure',
    'SubagentStart',
    'SubagentStop',
    'PreCompact',
  ]),
  // Longer strings are saved to a file and only previewed.
  maxContext: 10_000,
  describeUse: describeClaudeUse,
});

export function describeClaudeUse(tool: string, input: unknown): ToolUse {
  const kind = KINDS[tool.trim().toLowerCase()] ?? 'other';
  return { tool, input, kind, files: kind === 'shell' ? [] : textsOf(input, ['file_path', 'notebook_path']) };
}
