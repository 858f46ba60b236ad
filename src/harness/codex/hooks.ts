import type { ToolUse } from '../../hooks/events.ts';
import { createCommandHooks } from '../command-hooks.ts';
import { patchPaths, plainReadPaths, textsOf } from '../payload.ts';

const SHELL_TOOLS: ReadonlySet<string> = new Set([
  'bash',
  'shell',
  'shell_command',
  'exec_command',
  'exec',
  'local_shell',
]);
const EDIT_TOOLS: ReadonlySet<string> = new Set(['apply_patch', 'applypatch', 'edit', 'write']);

/** Codex 0.169: answers are closed objects; one field that is not listed for the event and the tool runs. */
export const codexHooks = createCommandHooks({
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
  contextEvents: new Set(['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'SubagentStart']),
  messageEvents: new Set([
    'SessionStart',
    'UserPromptSubmit',
    'PreToolUse',
    'PreCompact',
    'PostCompact',
    'SubagentStop',
  ]),
  // About 2,500 tokens; the rest would be spilled to a file.
  maxContext: 8_000,
  describeUse: describeCodexUse,
});

export function describeCodexUse(tool: string, input: unknown): ToolUse {
  const name = tool.trim().toLowerCase();
  const commands = textsOf(input, ['command', 'cmd', 'input', 'patch']);
  if (SHELL_TOOLS.has(name)) {
    // Codex reads files with the shell; a plain `cat` of one is a read.
    const files = commands.flatMap(plainReadPaths);
    return { tool, input, kind: files.length > 0 ? 'read' : 'shell', files };
  }
  if (!EDIT_TOOLS.has(name)) return { tool, input, kind: 'other', files: [] };
  return {
    tool,
    input,
    kind: 'edit',
    files: [...commands.flatMap(patchPaths), ...textsOf(input, ['file_path', 'path'])],
  };
}
