import { listMemoryNotes } from '../../../workspace/memory.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';
import { readsOf, sizeOf } from '../../render/memory.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every note in .nexus/memory/ with its size, its category, and how often agents have read it. Reads are counted ' +
    'by the hooks of a harness.',
  example: 'nexo memory list',
  flags: {},
  run: async ({ context }) => ({ notes: listMemoryNotes(await context.workspace()) }),
  render: ({ notes }, view) =>
    [
      view.ink.bold(count(notes.length, 'note')),
      ...renderItems(
        notes.map((note) => ({
          columns: [note.name, note.category ?? 'other', sizeOf(note.bytes), readsOf(note)],
          lines: [note.headline, note.tags.length === 0 ? '' : `tags: ${note.tags.join(', ')}`].filter(
            (line) => line !== '',
          ),
        })),
        view,
      ),
    ].join('\n'),
});
