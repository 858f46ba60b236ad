import { choice, nonEmpty, required, text, texts, wholeNumber, wholeNumbers } from '../../flags.ts';
import type { ShownTask } from '../../render/task-tree.ts';
import { defineToolCommand } from '../../tool-command.ts';

export default defineToolCommand({
  tool: 'task_add',
  description:
    'Adds a task to the running cycle; the first one starts the task list. ' +
    'A task is ready once every task it depends on is completed.',
  example: `nexo task add --title "Write the cache" \\
    --context "Reads hit the disk twice" --acceptance "One read a key"`,
  flags: {
    title: nonEmpty(required(text('what is to be done'))),
    context: nonEmpty(required(text('what its owner has to know before starting'))),
    dep: { ...wholeNumbers('id of a task that comes first'), completes: 'task' },
    approach: text('how to go about it'),
    acceptance: text('when it counts as done'),
    risk: text('what may go wrong'),
    planIssue: { ...wholeNumber('number of the plan issue it comes from', 'id'), completes: 'issue' },
    goal: text('goal of the whole cycle; replaces the old one'),
    decision: texts('decision to keep with the cycle'),
    owner: text('role that does it', { placeholder: 'role' }),
    ownerAgentId: text('id of the agent that does it', { placeholder: 'id' }),
    ownerReusePolicy: choice(
      ['fresh', 'resume_if_same_artifact', 'resume'],
      'whether that agent is resumed',
      'policy',
    ),
  },
  input: ({ dep, planIssue, decision, ownerAgentId, ownerReusePolicy, ...same }) => ({
    ...same,
    deps: dep,
    plan_issue: planIssue,
    decisions: decision,
    owner_agent_id: ownerAgentId,
    owner_reuse_policy: ownerReusePolicy,
  }),
  render: ({ task }: { task: ShownTask }, view) => {
    const waits = task.deps !== undefined && task.deps.length > 0 ? `, after ${task.deps.join(', ')}` : '';
    return `${view.ink.good(view.marks.done)} Task ${task.id} added${waits}: ${view.line(task.title, 24)}`;
  },
});
