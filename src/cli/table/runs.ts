import type { CommandSection } from './entry.ts';

export const RUNS_SECTION: CommandSection = {
  heading: 'Run agents:',
  entries: [
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
