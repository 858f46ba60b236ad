import { choice, required, text, wholeNumber } from '../../flags.ts';
import { defineToolCommand } from '../../tool-command.ts';

interface PlanUpdated {
  added?: true;
  removed?: true;
  edited?: true;
  reopened?: true;
  issue: { id: number; title: string };
}

export default defineToolCommand({
  tool: 'plan_update',
  description:
    'Changes the issues of the open plan. add needs --title; remove and reopen need --issue-id; edit needs both. ' +
    'Reopening takes the decision back.',
  example: 'nexo plan update --action add --title "Who may clear the cache?"',
  flags: {
    action: required(choice(['add', 'remove', 'edit', 'reopen'], 'what to do', 'action')),
    issueId: { ...wholeNumber('number of the issue', 'id'), completes: 'issue' },
    title: text('title of the issue'),
  },
  input: ({ action, issueId, title }) => ({ action, issue_id: issueId, title }),
  render: ({ issue, ...done }: PlanUpdated, { ink, marks, line }) => {
    const verb = Object.keys(done)[0] ?? 'changed';
    return `${ink.good(marks.done)} Issue ${issue.id} ${verb}: ${line(issue.title, 20)}`;
  },
});
