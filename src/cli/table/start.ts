import type { CommandSection } from './entry.ts';

export const START_SECTION: CommandSection = {
  heading: 'Start here:',
  entries: [
    {
      name: 'tour',
      summary: 'walk through one whole cycle on a copy of a project',
      load: () => import('../commands/tour.ts'),
    },
    { name: 'init', summary: 'set up .nexus/ in this project', load: () => import('../commands/init.ts') },
    {
      name: 'status',
      summary: 'the whole workspace at one glance',
      load: () => import('../commands/status.ts'),
    },
  ],
};
