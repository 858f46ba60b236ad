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
          summary: 'every skill, of the team and of the operator',
          load: () => import('../commands/skills/list.ts'),
        },
        {
          name: 'show',
          summary: 'one skill of the team and its prompt',
          load: () => import('../commands/skills/show.ts'),
        },
        {
          name: 'get',
          summary: 'one skill of the operator: its guide, its record',
          load: () => import('../commands/skills/get.ts'),
        },
        {
          name: 'match',
          summary: 'find skills by what is to be done',
          load: () => import('../commands/skills/match.ts'),
        },
        {
          name: 'apply',
          summary: 'follow a skill: its guide, its program, or both',
          load: () => import('../commands/skills/apply.ts'),
        },
        {
          name: 'test',
          summary: 'put a skill together without running it',
          load: () => import('../commands/skills/test.ts'),
        },
        {
          name: 'create',
          summary: 'write a skill of your own',
          load: () => import('../commands/skills/create.ts'),
        },
        {
          name: 'sync',
          summary: 'read all skill folders and name every fault',
          load: () => import('../commands/skills/sync.ts'),
        },
        {
          name: 'approve',
          summary: 'let a skill’s program run as it is now',
          load: () => import('../commands/skills/approve.ts'),
        },
        {
          name: 'result',
          summary: 'say how following a guide went',
          load: () => import('../commands/skills/result.ts'),
        },
        {
          name: 'featured',
          summary: 'a handful of skills worth knowing',
          load: () => import('../commands/skills/featured.ts'),
        },
        {
          name: 'evolution',
          summary: 'what the record suggests',
          load: () => import('../commands/skills/evolution.ts'),
        },
        {
          name: 'promote',
          summary: 'raise a skill by hand',
          load: () => import('../commands/skills/promote.ts'),
        },
        {
          name: 'archive',
          summary: 'take a skill out of matching',
          load: () => import('../commands/skills/archive.ts'),
        },
        {
          name: 'compose',
          summary: 'make one guide out of several',
          load: () => import('../commands/skills/compose.ts'),
        },
        {
          name: 'import',
          summary: 'take in skills of the open format',
          load: () => import('../commands/skills/import.ts'),
        },
        {
          name: 'export',
          summary: 'write skills in the open format',
          load: () => import('../commands/skills/export.ts'),
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
