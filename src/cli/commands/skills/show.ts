import { findItem, openCatalog, readBody, showSource } from '../../catalog-door.ts';
import { BODY_FLAGS } from '../../catalog-flags.ts';
import { defineCommand } from '../../command.ts';
import { renderFacts, renderPrompt } from '../../render/catalog.ts';

export default defineCommand({
  description:
    'One skill: its fields and its prompt. With --harness the macros in it are replaced by what that harness calls its tools.',
  example: 'nexo skills show nx-plan --harness claude',
  flags: BODY_FLAGS,
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  run: async ({ words: [id = ''], flags, context }) => {
    const catalog = await openCatalog(context);
    const skill = findItem(catalog.skills, 'skill', id);
    const { meta, layer, folder } = skill;
    return {
      only_body: flags.body,
      skill: { ...meta, manual_only: meta.manual_only ?? false, source: showSource(layer, folder) },
      body: await readBody(catalog, skill, flags),
    };
  },
  render: ({ only_body, skill, body }, view) => {
    const prompt = renderPrompt(body.text);
    if (only_body) return prompt;
    const { id, name, description, triggers = [], manual_only, alias_ko, source } = skill;
    return [
      ...renderFacts(
        `${name} (${id}${alias_ko === undefined ? '' : `, ${alias_ko}`})`,
        [
          ['purpose', description],
          [
            'activated',
            manual_only
              ? 'only when a person asks for it'
              : `by ${triggers.map((tag) => `[${tag}]`).join(' ')}`,
          ],
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
