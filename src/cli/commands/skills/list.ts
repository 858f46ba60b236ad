import { openCatalog, showSource } from '../../catalog-door.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every skill of the catalog: what it is for, the tags that activate it, and which layer it comes from. ' +
    'A manual skill runs only when a person asks for it.',
  example: 'nexo skills list',
  flags: {},
  run: async ({ context }) => {
    const { skills, tags } = await openCatalog(context);
    return {
      skills: skills.map(({ meta, layer, folder }) => ({
        ...meta,
        manual_only: meta.manual_only ?? false,
        tags: tags.flatMap(({ entry }) =>
          entry.type === 'skill' && entry.skill === meta.id
            ? [entry.trigger, ...(entry.variants ?? []).map(({ trigger }) => trigger)]
            : [],
        ),
        source: showSource(layer, folder),
      })),
    };
  },
  render: ({ skills }, view) =>
    [
      view.ink.bold(count(skills.length, 'skill')),
      ...renderItems(
        skills.map(({ id, description, manual_only, tags, source }) => ({
          columns: [id, manual_only ? 'manual' : 'auto', tags.join(' ') || 'no tag', source.name],
          lines: [description],
        })),
        view,
      ),
    ].join('\n'),
});
