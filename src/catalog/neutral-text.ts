/**
 * What a neutral body must not say. Lists of words cannot be complete; they hold what the three harnesses call their
 * tools, files and models today, and the shapes in which such names appear.
 */

export interface NeutralityFault {
  readonly gate: 'G6' | 'G7';
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

/** Names that mean a tool wherever they stand. */
const TOOL_NAMES = [
  'AskUserQuestion',
  'ExitPlanMode',
  'EnterPlanMode',
  'MultiEdit',
  'NotebookEdit',
  'NotebookRead',
  'SendMessage',
  'TaskCreate',
  'TaskGet',
  'TaskList',
  'TaskUpdate',
  'TodoRead',
  'TodoWrite',
  'ToolSearch',
  'WebFetch',
  'WebSearch',
  'apply_patch',
  'exec_command',
  'followup_task',
  'js_repl',
  'list_dir',
  'request_permissions',
  'request_user_input',
  'resume_agent',
  'send_input',
  'shell_command',
  'spawn_agent',
  'subagent_type',
  'tool_search',
  'todoread',
  'todowrite',
  'update_plan',
  'view_image',
  'webfetch',
  'websearch',
  'write_stdin',
] as const;

/** Plain words that mean a tool only as code or in a call: `Read`, Bash(…). */
const TOOL_WORDS = [
  'Agent',
  'Bash',
  'Edit',
  'Glob',
  'Grep',
  'LS',
  'MultiEdit',
  'PowerShell',
  'Read',
  'REPL',
  'Skill',
  'Task',
  'Write',
] as const;

interface Rule {
  readonly gate: 'G6' | 'G7';
  readonly pattern: RegExp;
  readonly what: string;
  readonly fix: string;
}

const PLAIN = 'Say what is to be done, or use a macro; the harness adds its own names.';
const RULES: readonly Rule[] = [
  {
    gate: 'G6',
    pattern: new RegExp(`(?<![\\w-])(?:${TOOL_NAMES.join('|')})(?![\\w-])`),
    what: 'a tool of a harness',
    fix: PLAIN,
  },
  {
    gate: 'G6',
    pattern: new RegExp(`\`(?:${TOOL_WORDS.join('|')})\`|(?<![\\w-])(?:${TOOL_WORDS.join('|')})\\(`),
    what: 'a tool of a harness',
    fix: PLAIN,
  },
  {
    gate: 'G6',
    pattern: /\bmcp__\w+/,
    what: 'a registered tool name',
    fix: 'Use the name in the contract, such as task_add.',
  },
  {
    gate: 'G6',
    pattern: /\bnx_[a-z]+_\w+/,
    what: 'a registered tool name',
    fix: 'Use the name in the contract, such as task_add.',
  },
  {
    gate: 'G6',
    pattern: /(?<![\w/.:-])\/[a-z][\w-]*:[a-z][\w-]*/,
    what: 'a namespaced slash command',
    fix: 'Name the skill; how it is typed differs.',
  },
  {
    gate: 'G6',
    pattern: /(?<![\w$])\$(?:nx-[a-z-]+)/,
    what: 'a skill as one harness types it',
    fix: 'Name the skill without the sign.',
  },
  {
    gate: 'G6',
    pattern: /\b(?:CLAUDE|AGENTS|GEMINI|CONTEXT)(?:\.local|\.override)?\.md\b/,
    what: 'the instruction file of a harness',
    fix: 'Say "the instruction file".',
  },
  {
    gate: 'G6',
    pattern: /(?<![\w-])\.(?:claude|codex|opencode|agents)\//,
    what: 'a folder of a harness',
    fix: 'Leave the place to the harness.',
  },
  {
    gate: 'G6',
    pattern: /\b(?:Claude Code|Codex(?: CLI)?|OpenCode|opencode)\b/,
    what: 'a harness',
    fix: 'Say "the harness".',
  },
  {
    gate: 'G7',
    pattern:
      /\b(?:gpt-?\d[\w.-]*|o[134](?:-mini|-pro)?(?![\w-])|chatgpt|claude(?:-[\w.]+)?|opus|sonnet|haiku|gemini(?:-[\w.]+)?|llama-?\d?|mistral|qwen\d?|deepseek|grok)\b/i,
    what: 'a model',
    fix: 'Say what tier of model is meant, or leave it out.',
  },
];

/** G6 and G7 over one text, at most one fault of a rule for each line. */
export function findHarnessWords(text: string): NeutralityFault[] {
  return text.split('\n').flatMap((line, at) =>
    RULES.flatMap(({ gate, pattern, what, fix }): NeutralityFault[] => {
      const found = pattern.exec(line)?.[0];
      return found === undefined ? [] : [{ gate, line: at + 1, message: `names ${what}: ${found}`, fix }];
    }),
  );
}
