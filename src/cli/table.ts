import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands; the command's own help says more. */
  readonly summary: string;
  /** Left out of help and completion: called by programs. */
  readonly hidden?: true;
  load(): Promise<{ readonly default: Command }>;
}

export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly CommandEntry[];
}

export interface CommandSection {
  readonly heading: string;
  readonly entries: readonly (CommandEntry | CommandGroup)[];
}

/** Every command there is. Only the chosen one's module is ever loaded. */
export const COMMAND_TABLE: readonly CommandSection[] = [
  {
    heading: 'Start here:',
    entries: [
      {
        name: 'tour',
        summary: 'walk through one whole cycle on a copy of a project',
        load: () => import('./commands/tour.ts'),
      },
      { name: 'init', summary: 'set up .nexus/ in this project', load: () => import('./commands/init.ts') },
      {
        name: 'status',
        summary: 'the whole workspace at one glance',
        load: () => import('./commands/status.ts'),
      },
    ],
  },
  {
    heading: 'Work:',
    entries: [
      {
        name: 'plan',
        summary: 'decide what to do, issue by issue',
        verbs: [
          {
            name: 'start',
            summary: 'open a plan; an older one goes to the history',
            load: () => import('./commands/plan/start.ts'),
          },
          {
            name: 'status',
            summary: 'show the plan and its issues',
            load: () => import('./commands/plan/status.ts'),
          },
          {
            name: 'update',
            summary: 'add, remove, edit or reopen an issue',
            load: () => import('./commands/plan/update.ts'),
          },
          {
            name: 'decide',
            summary: 'record the decision on an issue',
            load: () => import('./commands/plan/decide.ts'),
          },
        ],
      },
      {
        name: 'task',
        summary: 'turn decisions into tasks and close the cycle',
        verbs: [
          { name: 'add', summary: 'add a task', load: () => import('./commands/task/add.ts') },
          {
            name: 'list',
            summary: 'show the tasks, and which are ready',
            load: () => import('./commands/task/list.ts'),
          },
          {
            name: 'update',
            summary: 'set the status of a task',
            load: () => import('./commands/task/update.ts'),
          },
          {
            name: 'close',
            summary: 'end the cycle: plan and tasks go to the history',
            load: () => import('./commands/task/close.ts'),
          },
        ],
      },
      {
        name: 'history',
        summary: 'look through closed cycles',
        verbs: [
          {
            name: 'search',
            summary: 'find cycles by a word in them',
            load: () => import('./commands/history/search.ts'),
          },
        ],
      },
      {
        name: 'context',
        summary: 'branch, goal and decisions of the running cycle',
        load: () => import('./commands/context.ts'),
      },
      {
        name: 'artifact',
        summary: 'files that a cycle produces',
        verbs: [
          {
            name: 'write',
            summary: 'store a file in the workspace',
            load: () => import('./commands/artifact/write.ts'),
          },
        ],
      },
    ],
  },
  {
    heading: 'The team:',
    entries: [
      {
        name: 'agents',
        summary: 'the roles that share the work',
        verbs: [
          {
            name: 'list',
            summary: 'every agent and what it may not do',
            load: () => import('./commands/agents/list.ts'),
          },
          {
            name: 'show',
            summary: 'one agent and its prompt',
            load: () => import('./commands/agents/show.ts'),
          },
        ],
      },
      {
        name: 'skills',
        summary: 'what an agent can be asked to do step by step',
        verbs: [
          {
            name: 'list',
            summary: 'every skill and what activates it',
            load: () => import('./commands/skills/list.ts'),
          },
          {
            name: 'show',
            summary: 'one skill and its prompt',
            load: () => import('./commands/skills/show.ts'),
          },
        ],
      },
      {
        name: 'tags',
        summary: 'what a message may hold in square brackets',
        verbs: [{ name: 'list', summary: 'every tag', load: () => import('./commands/tags/list.ts') }],
      },
      {
        name: 'memory',
        summary: 'what the project has learnt, and how it forgets',
        verbs: [
          {
            name: 'list',
            summary: 'every note and how often it was read',
            load: () => import('./commands/memory/list.ts'),
          },
          {
            name: 'check',
            summary: 'names, sizes, and notes that say the same',
            load: () => import('./commands/memory/check.ts'),
          },
          {
            name: 'similar',
            summary: 'find notes on a topic before making a new one',
            load: () => import('./commands/memory/similar.ts'),
          },
          {
            name: 'gc',
            summary: 'list notes that may go; delete them so that they can come back',
            load: () => import('./commands/memory/gc.ts'),
          },
        ],
      },
      {
        name: 'rules',
        summary: 'what the project asks of its agents',
        verbs: [
          {
            name: 'list',
            summary: 'every rule and who gets it',
            load: () => import('./commands/rules/list.ts'),
          },
          {
            name: 'show',
            summary: 'one rule and its text',
            load: () => import('./commands/rules/show.ts'),
          },
        ],
      },
    ],
  },
  {
    heading: 'Connect and look after:',
    entries: [
      { name: 'mcp', summary: 'serve the workspace to MCP clients', load: () => import('./commands/mcp.ts') },
      {
        name: 'harness',
        summary: 'render the catalog for Claude Code, Codex and OpenCode',
        verbs: [
          {
            name: 'sync',
            summary: 'write agents, skills and hooks for one harness into a folder',
            load: () => import('./commands/harness/sync.ts'),
          },
          {
            name: 'install',
            summary: 'put everything into a harness’s own configuration',
            load: () => import('./commands/harness/install.ts'),
          },
          {
            name: 'uninstall',
            summary: 'take exactly that away again',
            load: () => import('./commands/harness/uninstall.ts'),
          },
          {
            name: 'probe',
            summary: 'run the harnesses on this machine and say what works in them',
            load: () => import('./commands/harness/probe.ts'),
          },
          {
            name: 'validate',
            summary: 'check the whole catalog and name every fault',
            load: () => import('./commands/harness/validate.ts'),
          },
        ],
      },
      {
        name: 'conformance',
        summary: 'prove a workspace server against the contract',
        verbs: [
          {
            name: 'run',
            summary: 'run a fixture suite',
            load: () => import('./commands/conformance/run.ts'),
          },
          {
            name: 'coverage',
            summary: 'check that fixtures cover every leaf of every schema',
            load: () => import('./commands/conformance/coverage.ts'),
          },
          {
            name: 'stress',
            summary: 'many processes, random kills, nothing lost',
            load: () => import('./commands/conformance/stress.ts'),
          },
          {
            name: 'event',
            summary: 'apply one lifecycle event to a workspace',
            load: () => import('./commands/conformance/event.ts'),
          },
        ],
      },
      {
        name: 'repair',
        summary: 'set damaged state files aside and restore good copies',
        load: () => import('./commands/repair.ts'),
      },
      { name: 'paths', summary: 'where everything lives', load: () => import('./commands/paths.ts') },
      {
        name: 'completions',
        summary: 'completion script for your shell',
        load: () => import('./commands/completions.ts'),
      },
      { name: 'version', summary: 'the version', load: () => import('./commands/version.ts') },
      {
        name: 'merge-driver',
        summary: 'merge two history files; called by git',
        hidden: true,
        load: () => import('./commands/merge-driver.ts'),
      },
      {
        name: '__complete',
        summary: 'words that fit next; called by the shell',
        hidden: true,
        load: () => import('./commands/complete.ts'),
      },
    ],
  },
];

export function isGroup(entry: CommandEntry | CommandGroup): entry is CommandGroup {
  return 'verbs' in entry;
}

/** Every command with its full name, `plan start`, in the order of the table. */
export function allCommands(): { readonly path: string; readonly entry: CommandEntry }[] {
  return COMMAND_TABLE.flatMap((section) => section.entries).flatMap((entry) =>
    isGroup(entry)
      ? entry.verbs.map((verb) => ({ path: `${entry.name} ${verb.name}`, entry: verb }))
      : [{ path: entry.name, entry }],
  );
}
