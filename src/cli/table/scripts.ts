import type { CommandGroup } from './entry.ts';

export const SCRIPTS_GROUP: CommandGroup = {
  name: 'scripts',
  summary: 'your personal scripts: make, check, run, schedule',
  verbs: [
    {
      name: 'create',
      summary: 'write a new script from its template',
      load: () => import('../commands/scripts/create.ts'),
    },
    { name: 'list', summary: 'what there is', load: () => import('../commands/scripts/list.ts') },
    { name: 'get', summary: 'everything about one', load: () => import('../commands/scripts/get.ts') },
    { name: 'status', summary: 'how one fares', load: () => import('../commands/scripts/status.ts') },
    {
      name: 'doctor',
      summary: 'what is wrong with one, or with all',
      load: () => import('../commands/scripts/doctor.ts'),
    },
    { name: 'run', summary: 'run one now', load: () => import('../commands/scripts/run.ts') },
    {
      name: 'call',
      summary: 'call one of Nexo’s tools; for use in scripts',
      load: () => import('../commands/scripts/call.ts'),
    },
    {
      name: 'classify',
      summary: 'what each file is taken for, and why',
      load: () => import('../commands/scripts/classify.ts'),
    },
    {
      name: 'sync',
      summary: 'bring the index in line with the folder',
      load: () => import('../commands/scripts/sync.ts'),
    },
    {
      name: 'reconcile',
      summary: 'bring the schedules in line with what the scripts declare',
      load: () => import('../commands/scripts/reconcile.ts'),
    },
    {
      name: 'ensure-schedules',
      summary: 'the part of reconcile that installs schedules',
      load: () => import('../commands/scripts/ensure-schedules.ts'),
    },
    {
      name: 'schedules',
      summary: 'what runs when, and whether it is well',
      load: () => import('../commands/scripts/schedules.ts'),
    },
    {
      name: 'unschedule',
      summary: 'take the schedules of a script away',
      load: () => import('../commands/scripts/unschedule.ts'),
    },
    {
      name: 'enable',
      summary: 'let its schedule run it',
      load: () => import('../commands/scripts/enable.ts'),
    },
    {
      name: 'disable',
      summary: 'keep its schedule from running it',
      load: () => import('../commands/scripts/disable.ts'),
    },
    {
      name: 'remove',
      summary: 'take it out of use; its file goes to the trash',
      load: () => import('../commands/scripts/remove.ts'),
    },
  ],
};
