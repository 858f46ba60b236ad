import type { CommandSection } from './entry.ts';

export const HOME_SECTION: CommandSection = {
  heading: 'Your own:',
  entries: [
    {
      name: 'advise',
      summary: 'say which kind of artifact a need calls for',
      load: () => import('../commands/advise.ts'),
    },
    {
      name: 'artifacts',
      summary: 'choose, check and document what you make',
      verbs: [
        {
          name: 'advise',
          summary: 'say which kind of artifact a need calls for',
          load: () => import('../commands/artifacts/advise.ts'),
        },
        {
          name: 'lint-docs',
          summary: 'find schedules in documents that the parser refuses',
          load: () => import('../commands/artifacts/lint-docs.ts'),
        },
      ],
    },
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
      name: 'doctor',
      summary: 'look at everything, say what is wrong, and put right what can be',
      load: () => import('../commands/doctor.ts'),
    },
  ],
};
