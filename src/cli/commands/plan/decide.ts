import { pairs, required, text, texts, wholeNumber } from '../../flags.ts';
import { renderIssues, type ShownIssue } from '../../render/plan.ts';
import { count } from '../../render/words.ts';
import { defineToolCommand } from '../../tool-command.ts';

interface Decided {
  issue: string;
  allComplete: boolean;
  remaining?: readonly ShownIssue[];
}

export default defineToolCommand({
  tool: 'plan_decide',
  description: 'Records the decision on one issue of the open plan. Deciding again replaces the decision.',
  example: 'nexo plan decide --issue-id 1 --decision "LRU, ten thousand entries"',
  flags: {
    issueId: { ...required(wholeNumber('number of the issue', 'id')), completes: 'issue' },
    decision: required(text('what was decided, in words that stand alone')),
    howAgent: texts('role that was asked', 'role'),
    howSummary: pairs('position of a role', 'role=text'),
    howAgentId: pairs('id of the agent that played a role', 'role=id'),
  },
  input: ({ issueId, decision, howAgent, howSummary, howAgentId }) => ({
    issue_id: issueId,
    decision,
    how_agents: howAgent,
    how_summary: howSummary,
    how_agent_ids: howAgentId,
  }),
  render: ({ issue, allComplete, remaining = [] }: Decided, view) => {
    const first = `${view.ink.good(view.marks.done)} Decided: ${view.line(issue, 12)}`;
    if (allComplete) return `${first}\n  Every issue is decided. Next come the tasks: nexo task add --help`;
    return [first, `  ${count(remaining.length, 'issue')} left:`, ...renderIssues(remaining, view)].join(
      '\n',
    );
  },
});
