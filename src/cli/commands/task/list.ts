import { renderTaskList, type TaskList } from '../../render/task-list.ts';
import { defineToolCommand } from '../../tool-command.ts';

export default defineToolCommand({
  tool: 'task_list',
  description:
    'Shows the tasks of the running cycle as a tree of what depends on what. ' +
    'With --json, summary.ready has the ids that can start, and summary.blocked counts the tasks in progress.',
  example: 'nexo task list',
  flags: {},
  input: () => ({}),
  render: (list: { exists: false } | TaskList, view) => {
    if ('exists' in list) return 'There are no tasks. nexo task add --help shows how to add one.';
    return renderTaskList(list, view).join('\n');
  },
});
