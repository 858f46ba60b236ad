import { openCatalog, showSource } from '../../catalog-door.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every agent: what kind of work it does, how it is resumed, what it may not do, and which layer it comes from. ' +
    'Layers count in this order: built-in, persona packs, personal, project.',
  example: 'nexo agents list',
  flags: {},
  run: async ({ context }) => {
    const { agents } = await openCatalog(context);
    return {
      agents: agents.map(({ meta, capabilities, layer, folder }) => ({
        ...meta,
        capabilities: capabilities.map(({ id }) => id),
        capability_sources: Object.fromEntries(capabilities.map(({ id, from }) => [id, from])),
        source: showSource(layer, folder),
      })),
    };
  },
  render: ({ agents }, view) =>
    [
      view.ink.bold(count(agents.length, 'agent')),
      ...renderItems(
        agents.map(
          ({
            id,
            description,
            category,
            resume_tier,
            model_tier,
            capabilities,
            capability_sources,
            source,
          }) => ({
            columns: [id, category, resume_tier, model_tier, source.name],
            lines: [description, limits(capabilities, capability_sources, source.name)],
          }),
        ),
        view,
      ),
    ].join('\n'),
});

/** What a later layer has added carries its name. */
function limits(ids: readonly string[], sources: Readonly<Record<string, string>>, own: string): string {
  if (ids.length === 0) return 'Not limited.';
  return ids.map((id) => (sources[id] === own ? id : `${id} (${sources[id]})`)).join(', ');
}
