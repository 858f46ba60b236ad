import type { HarnessName } from './contract.ts';

/** Tools of our server that a capability closes, by their names in the contract. */
export const SERVER_TOOLS: Readonly<Record<string, readonly string[]>> = {
  no_task_create: ['nx_task_add'],
  no_task_update: ['nx_task_update', 'nx_task_close'],
  no_task_close: ['nx_task_close'],
};

/** Native tools of each harness that a capability closes. */
const NATIVE_TOOLS: Readonly<Record<HarnessName, Readonly<Record<string, readonly string[]>>>> = {
  claude: {
    no_file_edit: ['Edit', 'MultiEdit', 'Write', 'NotebookEdit'],
    no_shell_exec: ['Bash', 'PowerShell', 'BashOutput', 'KillShell'],
    no_subagent_spawn: ['Agent', 'Task', 'SendMessage'],
    no_user_question: ['AskUserQuestion'],
  },
  codex: {
    no_file_edit: ['apply_patch'],
    no_shell_exec: ['shell', 'exec_command', 'write_stdin'],
    no_subagent_spawn: ['spawn_agent', 'resume_agent', 'send_input', 'followup_task', 'send_message'],
    no_user_question: ['request_user_input', 'request_user_input_async'],
  },
  opencode: {
    no_file_edit: ['edit', 'write', 'patch', 'multiedit'],
    no_shell_exec: ['bash'],
    no_subagent_spawn: ['task'],
    no_user_question: ['question'],
  },
};

/** Semantic classes of the vocabulary and the tools that carry them, for each harness. */
export function closedTools(
  harness: HarnessName,
  capabilities: readonly string[],
): { native: string[]; server: string[] } {
  const native = capabilities.flatMap((id) => NATIVE_TOOLS[harness][id] ?? []);
  const server = capabilities.flatMap((id) => SERVER_TOOLS[id] ?? []);
  return { native: [...new Set(native)], server: [...new Set(server)] };
}
