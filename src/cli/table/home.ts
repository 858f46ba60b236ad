import type { CommandSection } from './entry.ts';

export const HOME_SECTION: CommandSection = {
  heading: 'Your own:',
  entries: [
    {
      name: 'home',
      summary: 'your own Nexo folder: scripts, skills, plugins, settings',
      verbs: [
        {
          name: 'init',
          summary: 'make what is missing of it',
          load: () => import('../commands/home/init.ts'),
        },
      ],
    },
    {
      name: 'schedules',
      summary: 'when your scripts run, and how that went',
      verbs: [
        {
          name: 'fire',
          summary: 'run what is due of one schedule; called by timers',
          hidden: true,
          load: () => import('../commands/schedules/fire.ts'),
        },
      ],
    },
    {
      name: 'doctor',
      summary: 'look at everything, say what is wrong, and put right what can be',
      load: () => import('../commands/doctor.ts'),
    },
  ],
};
