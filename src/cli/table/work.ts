import type { CommandSection } from './entry.ts';

export const WORK_SECTION: CommandSection = {
  heading: 'Work:',
  entries: [
    {
      name: 'plan',
      summary: 'decide what to do, issue by issue',
      verbs: [
        {
          name: 'start',
          summary: 'open a plan; an older one goes to the history',
          load: () => import('../commands/plan/start.ts'),
        },
        {
          name: 'status',
          summary: 'show the plan and its issues',
          load: () => import('../commands/plan/status.ts'),
        },
        {
          name: 'update',
          summary: 'add, remove, edit or reopen an issue',
          load: () => import('../commands/plan/update.ts'),
        },
        {
          name: 'decide',
          summary: 'record the decision on an issue',
          load: () => import('../commands/plan/decide.ts'),
        },
        {
          name: 'execute',
          summary: 'have agents carry out the tasks',
          load: () => import('../commands/plan/execute.ts'),
        },
      ],
    },
    {
      name: 'task',
      summary: 'turn decisions into tasks and close the cycle',
      verbs: [
        { name: 'add', summary: 'add a task', load: () => import('../commands/task/add.ts') },
        {
          name: 'list',
          summary: 'show the tasks, and which are ready',
          load: () => import('../commands/task/list.ts'),
        },
        {
          name: 'update',
          summary: 'set the status of a task',
          load: () => import('../commands/task/update.ts'),
        },
        {
          name: 'close',
          summary: 'end the cycle: plan and tasks go to the history',
          load: () => import('../commands/task/close.ts'),
        },
      ],
    },
    {
      name: 'history',
      summary: 'look through closed cycles',
      verbs: [
        {
          name: 'search',
          summary: 'find cycles by a word in them',
          load: () => import('../commands/history/search.ts'),
        },
      ],
    },
    {
      name: 'context',
      summary: 'branch, goal and decisions of the running cycle',
      load: () => import('../commands/context.ts'),
    },
    {
      name: 'artifact',
      summary: 'files that a cycle produces',
      verbs: [
        {
          name: 'write',
          summary: 'store a file in the workspace',
          load: () => import('../commands/artifact/write.ts'),
        },
      ],
    },
  ],
};
