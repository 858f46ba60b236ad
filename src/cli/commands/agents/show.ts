import { findItem, openCatalog, readBody, showSource } from '../../catalog-door.ts';
import { BODY_FLAGS } from '../../catalog-flags.ts';
import { defineCommand } from '../../command.ts';
import { renderFacts, renderPrompt } from '../../render/catalog.ts';

export default defineCommand({
  description: 'One agent: its fields, its effective limits with the layer each comes from, and its prompt.',
  example: 'nexo agents show engineer --lang ko',
  flags: BODY_FLAGS,
  positionals: [{ name: 'id', description: 'id of the agent', required: true }],
  run: async ({ words: [id = ''], flags, context }) => {
    const catalog = await openCatalog(context);
    const agent = findItem(catalog.agents, 'agent', id);
    const { meta, capabilities, layer, folder } = agent;
    return {
      only_body: flags.body,
      agent: {
        ...meta,
        capabilities: capabilities.map(({ id: capability }) => capability),
        capability_sources: Object.fromEntries(
          capabilities.map(({ id: capability, from }) => [capability, from]),
        ),
        source: showSource(layer, folder),
      },
      body: await readBody(catalog, agent, flags),
    };
  },
  render: ({ only_body, agent, body }, view) => {
    const prompt = renderPrompt(body.text);
    if (only_body) return prompt;
    const { id, name, description, category, resume_tier, model_tier, mode, alias_ko, source } = agent;
    return [
      ...renderFacts(
        `${name} (${id}${alias_ko === undefined ? '' : `, ${alias_ko}`})`,
        [
          ['purpose', description],
          ['category', category],
          ['resume tier', resume_tier],
          ['model tier', model_tier],
          ['mode', mode ?? 'subagent'],
          ...Object.entries(agent.capability_sources).map(([capability, from], at): [string, string] => [
            at === 0 ? 'may not' : '',
            `${capability} (${from})`,
          ]),
          ['from', `${source.name}, ${source.folder}`],
          ['prompt', `${body.lang}, ${body.hash}`],
        ],
        view,
      ),
      '',
      prompt,
    ].join('\n');
  },
});
