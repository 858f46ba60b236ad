import type { CommandSection } from './entry.ts';

export const RUNS_SECTION: CommandSection = {
  heading: 'Run agents:',
  entries: [
    {
      name: 'run',
      summary: 'run an agent for one prompt, inside hard limits',
      load: () => import('../commands/run.ts'),
    },
    {
      name: 'runs',
      summary: 'what ran, how it ended and what it cost',
      verbs: [
        {
          name: 'list',
          summary: 'the latest runs',
          load: () => import('../commands/runs/list.ts'),
        },
        {
          name: 'show',
          summary: 'one run: what was asked, used, done and spent',
          load: () => import('../commands/runs/show.ts'),
        },
        {
          name: 'tail',
          summary: 'follow a run while it goes on',
          load: () => import('../commands/runs/tail.ts'),
        },
        {
          name: 'cancel',
          summary: 'end a run with everything it started',
          load: () => import('../commands/runs/cancel.ts'),
        },
        {
          name: 'work',
          summary: 'run what waits in the queue',
          load: () => import('../commands/runs/work.ts'),
        },
        {
          name: 'stats',
          summary: 'what runs cost, for each caller',
          load: () => import('../commands/runs/stats.ts'),
        },
      ],
    },
    {
      name: 'backends',
      summary: 'what can run an agent on this machine',
      load: () => import('../commands/backends.ts'),
    },
    {
      name: 'tiers',
      summary: 'how a run gets its model and its effort',
      verbs: [
        {
          name: 'explain',
          summary: 'each step from a caller to a model, and why it won',
          load: () => import('../commands/tiers/explain.ts'),
        },
        {
          name: 'callers',
          summary: 'who may ask for a run',
          load: () => import('../commands/tiers/callers.ts'),
        },
      ],
    },
    {
      name: 'preferences',
      summary: 'your tier, your backend, and whether anything runs by itself',
      load: () => import('../commands/preferences.ts'),
    },
  ],
};
