import { defineToolCommand } from '../tool-command.ts';

interface Context {
  branch: string;
  activeMode: string | null;
  goal?: string;
  tasksSummary?: { total: number; completed: number; pending: number };
  decisions: readonly string[];
}

export default defineToolCommand({
  tool: 'context',
  description:
    'What an agent needs on arrival: the git branch, the goal of the running cycle, its progress and decisions. ' +
    'For people, nexo status shows more.',
  example: 'nexo context',
  flags: {},
  input: () => ({}),
  render: ({ branch, activeMode, goal, tasksSummary, decisions }: Context, view) => {
    const { ink, marks, line } = view;
    const lines = [`${ink.bold('Branch')}  ${line(branch, 8)}`];
    if (activeMode === null) lines.push('No cycle with tasks is running.');
    if (goal !== undefined && goal !== '') lines.push(`${ink.bold('Goal')}    ${line(goal, 8)}`);
    if (tasksSummary !== undefined) {
      lines.push(`${ink.bold('Tasks')}   ${tasksSummary.completed} of ${tasksSummary.total} done`);
    }
    if (decisions.length > 0) lines.push(ink.bold('Decisions'));
    for (const decision of decisions) {
      const [first = '', ...rest] = view.paragraph(decision, '    ');
      lines.push(`  ${marks.bullet} ${first.trimStart()}`, ...rest);
    }
    return lines.join('\n');
  },
});
