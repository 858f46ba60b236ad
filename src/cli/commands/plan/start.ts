import { nonEmpty, required, text, texts } from '../../flags.ts';
import { count } from '../../render/words.ts';
import { defineToolCommand } from '../../tool-command.ts';

interface PlanStarted {
  plan_id: number;
  topic: string;
  issueCount: number;
  previousArchived: boolean;
}

export default defineToolCommand({
  tool: 'plan_start',
  description:
    'Opens a plan: a topic and the issues that have to be decided before work starts. ' +
    'A plan that is already open goes to the history first; tasks stay.',
  example: `nexo plan start --topic "Cache layer" \\
    --issue "Eviction policy" --issue "Invalidation signal" \\
    --research-summary "Read the storage module"`,
  flags: {
    topic: nonEmpty(required(text('what the plan is about'))),
    issue: nonEmpty(texts('a question to decide')),
    researchSummary: required(text('what was read and learnt before planning')),
  },
  input: ({ topic, issue, researchSummary }) => ({
    topic,
    issues: issue ?? [],
    research_summary: researchSummary,
  }),
  render: ({ plan_id, topic, issueCount, previousArchived }: PlanStarted, { ink, marks }) => {
    const lines = [
      `${ink.good(marks.done)} Plan ${plan_id} is open: ${topic} (${count(issueCount, 'issue')} to decide)`,
    ];
    if (previousArchived) lines.push('  The plan before it is in the history now.');
    return lines.join('\n');
  },
});
