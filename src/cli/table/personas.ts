import type { CommandSection } from './entry.ts';

export const PERSONAS_SECTION: CommandSection = {
  heading: 'Packs:',
  entries: [
    {
      name: 'persona',
      summary: 'whole agents from releases: installed, verified, kept up to date',
      failure: async () => (await import('../render/pack-failure.ts')).packFailure,
      verbs: [
        {
          name: 'install',
          summary: 'install a pack from a release',
          load: () => import('../commands/persona/install.ts'),
        },
        {
          name: 'list',
          summary: 'what is installed, and which version is in use',
          load: () => import('../commands/persona/list.ts'),
        },
        {
          name: 'get',
          summary: 'everything about one pack',
          load: () => import('../commands/persona/get.ts'),
        },
        {
          name: 'upgrade',
          summary: 'install the latest release of a pack',
          load: () => import('../commands/persona/upgrade.ts'),
        },
        {
          name: 'remove',
          summary: 'remove a pack',
          load: () => import('../commands/persona/remove.ts'),
        },
        {
          name: 'init',
          summary: 'make the folder of a new pack',
          load: () => import('../commands/persona/init.ts'),
        },
        {
          name: 'verify',
          summary: 'explain every check of a folder, an archive or a release',
          load: () => import('../commands/persona/verify.ts'),
        },
        {
          name: 'run',
          summary: 'run the daemon with a pack under development',
          load: () => import('../commands/persona/run.ts'),
        },
        {
          name: 'pack',
          summary: 'make the files of a release',
          load: () => import('../commands/persona/pack.ts'),
        },
      ],
    },
    {
      name: 'plugin',
      summary: 'packs of code from releases, by the same steps',
      failure: async () => (await import('../render/pack-failure.ts')).packFailure,
      verbs: [
        {
          name: 'install',
          summary: 'install a plugin from a release',
          load: () => import('../commands/plugin/install.ts'),
        },
        {
          name: 'list',
          summary: 'what is installed',
          load: () => import('../commands/plugin/list.ts'),
        },
        {
          name: 'run',
          summary: 'start a plugin under development in the foreground',
          load: () => import('../commands/plugin/run.ts'),
        },
        {
          name: 'remove',
          summary: 'remove a plugin',
          load: () => import('../commands/plugin/remove.ts'),
        },
      ],
    },
  ],
};
