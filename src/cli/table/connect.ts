import type { CommandSection } from './entry.ts';

export const CONNECT_SECTION: CommandSection = {
  heading: 'Connect and look after:',
  entries: [
    { name: 'mcp', summary: 'serve the workspace to MCP clients', load: () => import('../commands/mcp.ts') },
    {
      name: 'harness',
      summary: 'render the catalog for Claude Code, Codex and OpenCode',
      verbs: [
        {
          name: 'sync',
          summary: 'write agents, skills and hooks for one harness into a folder',
          load: () => import('../commands/harness/sync.ts'),
        },
        {
          name: 'install',
          summary: 'put everything into a harness’s own configuration',
          load: () => import('../commands/harness/install.ts'),
        },
        {
          name: 'uninstall',
          summary: 'take exactly that away again',
          load: () => import('../commands/harness/uninstall.ts'),
        },
        {
          name: 'init',
          summary: 'set up a plugin repository that renders the catalog',
          load: () => import('../commands/harness/init.ts'),
        },
        {
          name: 'list',
          summary: 'the harnesses on this machine and what is installed in them',
          load: () => import('../commands/harness/list.ts'),
        },
        {
          name: 'doctor',
          summary: 'find hooks, gates and servers that no longer work',
          load: () => import('../commands/harness/doctor.ts'),
        },
        {
          name: 'probe',
          summary: 'run the harnesses on this machine and say what works in them',
          load: () => import('../commands/harness/probe.ts'),
        },
        {
          name: 'validate',
          summary: 'check the whole catalog and name every fault',
          load: () => import('../commands/harness/validate.ts'),
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
          load: () => import('../commands/conformance/run.ts'),
        },
        {
          name: 'coverage',
          summary: 'check that fixtures cover every leaf of every schema',
          load: () => import('../commands/conformance/coverage.ts'),
        },
        {
          name: 'stress',
          summary: 'many processes, random kills, nothing lost',
          load: () => import('../commands/conformance/stress.ts'),
        },
        {
          name: 'event',
          summary: 'apply one lifecycle event to a workspace',
          load: () => import('../commands/conformance/event.ts'),
        },
      ],
    },
    {
      name: 'repair',
      summary: 'set damaged state files aside and restore good copies',
      load: () => import('../commands/repair.ts'),
    },
    { name: 'paths', summary: 'where everything lives', load: () => import('../commands/paths.ts') },
    {
      name: 'completions',
      summary: 'completion script for your shell',
      load: () => import('../commands/completions.ts'),
    },
    { name: 'version', summary: 'the version', load: () => import('../commands/version.ts') },
    {
      name: 'merge-driver',
      summary: 'merge two history files; called by git',
      hidden: true,
      load: () => import('../commands/merge-driver.ts'),
    },
    {
      name: '__complete',
      summary: 'words that fit next; called by the shell',
      hidden: true,
      load: () => import('../commands/complete.ts'),
    },
  ],
};
