import type { CommandSection } from './entry.ts';

export const TEAM_SECTION: CommandSection = {
  heading: 'The team:',
  entries: [
    {
      name: 'agents',
      summary: 'the roles that share the work',
      verbs: [
        {
          name: 'list',
          summary: 'every agent and what it may not do',
          load: () => import('../commands/agents/list.ts'),
        },
        {
          name: 'show',
          summary: 'one agent and its prompt',
          load: () => import('../commands/agents/show.ts'),
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
          load: () => import('../commands/skills/list.ts'),
        },
        {
          name: 'show',
          summary: 'one skill and its prompt',
          load: () => import('../commands/skills/show.ts'),
        },
      ],
    },
    {
      name: 'tags',
      summary: 'what a message may hold in square brackets',
      verbs: [{ name: 'list', summary: 'every tag', load: () => import('../commands/tags/list.ts') }],
    },
    {
      name: 'memory',
      summary: 'what the project has learnt, and how it forgets',
      verbs: [
        {
          name: 'list',
          summary: 'every note and how often it was read',
          load: () => import('../commands/memory/list.ts'),
        },
        {
          name: 'check',
          summary: 'names, sizes, and notes that say the same',
          load: () => import('../commands/memory/check.ts'),
        },
        {
          name: 'similar',
          summary: 'find notes on a topic before making a new one',
          load: () => import('../commands/memory/similar.ts'),
        },
        {
          name: 'gc',
          summary: 'list notes that may go; delete them so that they can come back',
          load: () => import('../commands/memory/gc.ts'),
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
          load: () => import('../commands/rules/list.ts'),
        },
        {
          name: 'show',
          summary: 'one rule and its text',
          load: () => import('../commands/rules/show.ts'),
        },
      ],
    },
  ],
};
