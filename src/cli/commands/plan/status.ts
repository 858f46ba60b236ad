import { renderIssues, type ShownIssue } from '../../render/plan.ts';
import { defineToolCommand } from '../../tool-command.ts';

type PlanStatus =
  | { active: false }
  | {
      active: true;
      plan_id: number;
      topic: string;
      issues: readonly ShownIssue[];
      research_summary?: string;
      summary: { total: number; pending: number; decided: number };
    };

export default defineToolCommand({
  tool: 'plan_status',
  description: 'Shows the open plan: its issues, what was decided and what is still pending.',
  example: 'nexo plan status',
  flags: {},
  input: () => ({}),
  render: (plan: PlanStatus, view) => {
    if (!plan.active) return 'No plan is open. nexo plan start --help shows how to open one.';
    const { decided, total } = plan.summary;
    const lines = [
      `${view.ink.bold(`Plan ${plan.plan_id}`)}  ${view.line(plan.topic, 10)}`,
      view.ink.dim(`${decided} of ${total} decided`),
      ...renderIssues(plan.issues, view),
    ];
    if (plan.research_summary) {
      lines.push('', view.ink.bold('Research'), ...view.paragraph(plan.research_summary, '  '));
    }
    return lines.join('\n');
  },
});
