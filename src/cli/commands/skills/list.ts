import { NexoError } from '../../../errors.ts';
import { EXECUTION_LEVELS, SKILL_LEVELS, SOURCE_KINDS } from '../../../skills/definition.ts';
import type { SkillRow } from '../../../skills/views.ts';
import { openCatalog, showSource } from '../../catalog-door.ts';
import { type CommandContext, defineCommand } from '../../command.ts';
import { choice, text } from '../../flags.ts';
import { renderItems } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Every skill: those of the team, which the harnesses activate by tags, and those of the operator, which are found ' +
    'by what they are for and earn trust by their record. A manual skill runs only when a person asks for it.',
  example: 'nexo skills list',
  flags: {
    level: choice(SKILL_LEVELS, 'only the operator’s skills of this level'),
    tag: text('only the operator’s skills with this tag', { placeholder: 'tag' }),
    sourceKind: choice(SOURCE_KINDS, 'only the operator’s skills from there'),
    executionLevel: choice(EXECUTION_LEVELS, 'only the operator’s skills whose program may do that much'),
  },
  run: async ({ flags, context }) => {
    const isFiltered = Object.values(flags).some((flag) => flag !== undefined);
    const rows = await operatorSkills(context);
    return {
      skills: isFiltered ? [] : await teamSkills(context),
      operator_skills: rows
        .filter((row) => flags.level === undefined || row.level === flags.level)
        .filter((row) => flags.tag === undefined || row.tags.includes(flags.tag))
        .filter((row) => flags.sourceKind === undefined || row.source_kind === flags.sourceKind)
        .filter((row) => flags.executionLevel === undefined || row.execution_level === flags.executionLevel),
    };
  },
  render: ({ skills, operator_skills }, view) =>
    [
      ...(skills.length === 0 ? [] : [view.ink.bold(`${count(skills.length, 'skill')} of the team`)]),
      ...renderItems(
        skills.map(({ id, description, manual_only, tags, source }) => ({
          columns: [id, manual_only ? 'manual' : 'auto', tags.join(' ') || 'no tag', source.name],
          lines: [description],
        })),
        view,
      ),
      ...(skills.length === 0 ? [] : ['']),
      view.ink.bold(`${count(operator_skills.length, 'skill')} of the operator`),
      ...renderItems(
        operator_skills.map((row) => ({
          columns: [
            row.id,
            row.level,
            row.mode,
            row.source,
            `trust ${row.trust_score}`,
            `used ${row.use_count}×`,
          ],
          lines: [row.description],
        })),
        view,
      ),
    ].join('\n'),
});

async function teamSkills(context: CommandContext) {
  const { skills, tags } = await openCatalog(context);
  return skills.map(({ meta, layer, folder }) => ({
    ...meta,
    manual_only: meta.manual_only ?? false,
    tags: tags.flatMap(({ entry }) =>
      entry.type === 'skill' && entry.skill === meta.id
        ? [entry.trigger, ...(entry.variants ?? []).map(({ trigger }) => trigger)]
        : [],
    ),
    source: showSource(layer, folder),
  }));
}

/** Without a home that can be written to, the team's skills are still worth a list. */
async function operatorSkills(context: CommandContext): Promise<readonly SkillRow[]> {
  try {
    const { listSkills } = await import('../../../skills/views.ts');
    return await withSkills(context, (library) => listSkills(library));
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    context.note(`The operator's skills cannot be read: ${error.message}`);
    return [];
  }
}
