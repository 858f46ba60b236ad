import { count } from '../../render/words.ts';
import { defineToolCommand } from '../../tool-command.ts';

interface Closed {
  branch: string;
  archived: { plan: boolean; decisions: number; tasks: number };
  total_cycles: number;
}

export default defineToolCommand({
  tool: 'task_close',
  description:
    'Ends the running cycle: the plan and all tasks, finished or not, become one entry of .nexus/history.json, ' +
    'and the next cycle starts empty. Commit that file together with the work.',
  example: 'nexo task close',
  flags: {},
  input: () => ({}),
  render: ({ branch, archived, total_cycles }: Closed, { ink, marks }) => {
    const what = [
      archived.plan ? `a plan with ${count(archived.decisions, 'decision')}` : 'no plan',
      archived.tasks === 0 ? 'no tasks' : count(archived.tasks, 'task'),
    ].join(' and ');
    return [
      `${ink.good(marks.done)} Cycle ${total_cycles} is closed on ${branch}: ${what}`,
      '  It is in .nexus/history.json; commit that file with the work.',
    ].join('\n');
  },
});
