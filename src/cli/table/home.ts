import type { CommandSection } from './entry.ts';
import { PLUGINS_GROUP } from './plugins.ts';
import { SCRIPTS_GROUP } from './scripts.ts';

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
          name: 'verify',
          summary: 'go through the checklist of one, item by item',
          load: () => import('../commands/artifacts/verify.ts'),
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
    SCRIPTS_GROUP,
    PLUGINS_GROUP,
    {
      name: 'schedules',
      summary: 'when your scripts run, and how that went',
      verbs: [
        {
          name: 'list',
          summary: 'what runs when, and whether it is well',
          load: () => import('../commands/schedules/list.ts'),
        },
        {
          name: 'status',
          summary: 'how the runs went',
          load: () => import('../commands/schedules/status.ts'),
        },
        {
          name: 'add',
          summary: 'give a script its schedule at once',
          load: () => import('../commands/schedules/add.ts'),
        },
        {
          name: 'remove',
          summary: 'take one schedule away',
          load: () => import('../commands/schedules/remove.ts'),
        },
        {
          name: 'fire',
          summary: 'run what is due of one schedule; called by timers',
          hidden: true,
          load: () => import('../commands/schedules/fire.ts'),
        },
      ],
    },
    {
      name: 'daemon',
      summary: 'what goes on while nobody types: the scheduler and more',
      alone: () => import('../commands/daemon/run.ts'),
      verbs: [
        {
          name: 'run',
          summary: 'run it in the foreground; the same as no verb',
          load: () => import('../commands/daemon/run.ts'),
        },
        {
          name: 'start',
          summary: 'start it in the background',
          load: () => import('../commands/daemon/start.ts'),
        },
        { name: 'stop', summary: 'stop it', load: () => import('../commands/daemon/stop.ts') },
        {
          name: 'status',
          summary: 'whether it runs, its parts, what is due next',
          load: () => import('../commands/daemon/status.ts'),
        },
        {
          name: 'restart',
          summary: 'stop it and start the one of this program',
          load: () => import('../commands/daemon/restart.ts'),
        },
        {
          name: 'reload',
          summary: 'have it read its settings anew and look at once',
          load: () => import('../commands/daemon/reload.ts'),
        },
        {
          name: 'logs',
          summary: 'what it has written, and what it writes',
          load: () => import('../commands/daemon/logs.ts'),
        },
      ],
    },
    {
      name: 'service',
      summary: 'the daemon as a service of your session',
      verbs: [
        {
          name: 'install',
          summary: 'install and start it',
          load: () => import('../commands/service/install.ts'),
        },
        {
          name: 'uninstall',
          summary: 'stop and remove it',
          load: () => import('../commands/service/uninstall.ts'),
        },
        {
          name: 'status',
          summary: 'whether it is installed and in order',
          load: () => import('../commands/service/status.ts'),
        },
      ],
    },
    {
      name: 'doctor',
      summary: 'look at everything, say what is wrong, and put right what can be',
      alone: () => import('../commands/doctor.ts'),
      verbs: [
        {
          name: 'capabilities',
          summary: 'which dangerous switches the environment turns on',
          load: () => import('../commands/doctor/capabilities.ts'),
        },
        {
          name: 'personas',
          summary: 'every persona pack, and why it is in use or not',
          load: () => import('../commands/doctor/personas.ts'),
        },
      ],
    },
  ],
};
