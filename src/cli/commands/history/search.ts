import { text, wholeNumber } from '../../flags.ts';
import { renderCycle, renderDecisions, type ShownCycle } from '../../render/cycles.ts';
import { count } from '../../render/words.ts';
import { defineToolCommand } from '../../tool-command.ts';

interface Found {
  total: number;
  showing: number;
  cycles: readonly ShownCycle[];
}

export default defineToolCommand({
  tool: 'history_search',
  description:
    'Finds closed cycles that contain a word anywhere: in a topic, a decision, a task. ' +
    'Upper and lower case are the same; without --query it shows the latest. Newest first.',
  example: 'nexo history search --query cache',
  flags: {
    query: text('text to look for'),
    lastN: wholeNumber('how many cycles to show at most; 10 unless said'),
  },
  input: ({ query, lastN }) => ({ query, last_n: lastN }),
  render: ({ total, showing, cycles }: Found, view) => {
    if (total === 0) return 'No cycle found.';
    const head = showing === total ? count(total, 'cycle') : `${showing} of ${count(total, 'cycle')}`;
    return [
      view.ink.bold(head),
      ...cycles.flatMap((cycle) => [...renderCycle(cycle, view), ...renderDecisions(cycle, view)]),
    ].join('\n');
  },
});
