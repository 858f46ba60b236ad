import { choice, required, wholeNumber } from '../../flags.ts';
import type { ShownTask } from '../../render/task-tree.ts';
import { defineToolCommand } from '../../tool-command.ts';

const WORDS: Readonly<Record<ShownTask['status'], string>> = {
  pending: 'pending again',
  in_progress: 'in progress',
  completed: 'completed',
};

export default defineToolCommand({
  tool: 'task_update',
  description: 'Sets the status of a task. Every change is allowed, back to pending as well.',
  example: 'nexo task update --id 1 --status in_progress',
  flags: {
    id: { ...required(wholeNumber('number of the task', 'id')), completes: 'task' },
    status: required(choice(['pending', 'in_progress', 'completed'], 'the new status', 'status')),
  },
  input: (flags) => flags,
  render: ({ task }: { task: ShownTask }, { ink, marks, line }) =>
    `${ink.good(marks.done)} Task ${task.id} is ${WORDS[task.status]}: ${line(task.title, 30)}`,
});
