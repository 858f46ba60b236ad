import { openCatalog, showSource } from '../../catalog-door.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description: 'Every tag that a message to an agent may hold in square brackets, and what it does.',
  example: 'nexo tags list',
  flags: {},
  run: async ({ context }) => {
    const { tags } = await openCatalog(context);
    return { tags: tags.map(({ entry, layer }) => ({ ...entry, source: showSource(layer) })) };
  },
  render: ({ tags }, view) =>
    [
      view.ink.bold(count(tags.length, 'tag')),
      ...renderItems(
        tags.flatMap(({ trigger, description, variants = [], source, ...tag }) => {
          const target = tag.type === 'skill' ? `skill ${tag.skill}` : `action ${tag.handler}`;
          return [
            { columns: [trigger, target, source.name], lines: [description] },
            ...variants.map((variant) => ({
              columns: [variant.trigger, target, source.name],
              lines: [variant.description],
            })),
          ];
        }),
        view,
      ),
    ].join('\n'),
});
