import { NexoError } from '../../../errors.ts';
import { listMemoryNotes } from '../../../workspace/memory.ts';
import { MEMORY_CATEGORIES } from '../../../workspace/memory-names.ts';
import { findSimilarNotes, parseTopic } from '../../../workspace/memory-similar.ts';
import { defineCommand } from '../../command.ts';
import { choice } from '../../flags.ts';
import { renderItems } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Finds notes on a topic before a new one is made, and says which words they share with it. A note on the same ' +
    'topic and of the same category is to be extended. Compares words only, so the answer is always the same.',
  example: 'nexo memory similar "flaky login tests" --category empirical',
  flags: { category: choice(MEMORY_CATEGORIES, 'category of the note that you want to make') },
  positionals: [
    {
      name: 'topic',
      description: 'a few words, or the file name that you have in mind',
      required: true,
      variadic: true,
    },
  ],
  run: async ({ words, flags, context }) => {
    const topic = parseTopic(words.join(' '), flags.category);
    if (topic.words.length === 0)
      throw new NexoError('USAGE', 'The topic has no word to look for.', {
        hint: 'Name it in two to four words.',
      });
    const notes = findSimilarNotes(listMemoryNotes(await context.workspace()), topic);
    return { topic: topic.words, category: topic.category ?? null, notes };
  },
  render: ({ notes }, view) =>
    notes.length === 0
      ? 'No note on this topic: make a new one.'
      : [
          view.ink.bold(count(notes.length, 'note')),
          ...renderItems(
            notes.map(({ name, category, score, advice, headline, matches }) => ({
              columns: [
                name,
                category ?? 'other',
                score.toFixed(2),
                advice === 'extend' ? 'extend it' : 'look',
              ],
              lines: [
                headline,
                `shares ${matches.map((match) => `${match.word}${match.found === match.word ? '' : ` (${match.found})`} in ${match.in}`).join(', ')}`,
              ],
            })),
            view,
          ),
        ].join('\n'),
});
