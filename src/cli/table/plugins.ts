import type { CommandGroup } from './entry.ts';

export const PLUGINS_GROUP: CommandGroup = {
  name: 'plugins',
  summary: 'your own tools: make, load, list, try',
  verbs: [
    {
      name: 'create',
      summary: 'write a new plugin from its template',
      load: () => import('../commands/plugins/create.ts'),
    },
    {
      name: 'list',
      summary: 'what there is, and what it offers',
      load: () => import('../commands/plugins/list.ts'),
    },
    { name: 'get', summary: 'everything about one', load: () => import('../commands/plugins/get.ts') },
    {
      name: 'load',
      summary: 'run one anew, and take it into use',
      load: () => import('../commands/plugins/load.ts'),
    },
    {
      name: 'remove',
      summary: 'take one out of use; its file stays',
      load: () => import('../commands/plugins/remove.ts'),
    },
    {
      name: 'doctor',
      summary: 'what is wrong with one, or with all',
      load: () => import('../commands/plugins/doctor.ts'),
    },
    {
      name: 'call',
      summary: 'call one of their tools',
      load: () => import('../commands/plugins/call.ts'),
    },
    {
      name: 'approve',
      summary: 'agree to what one contains now',
      load: () => import('../commands/plugins/approve.ts'),
    },
  ],
};
