import { composeSkill } from '../../../skills/lifecycle.ts';
import { defineCommand } from '../../command.ts';
import { required, text } from '../../flags.ts';
import { commaList, withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Writes a new guide of your own out of several skills: their steps, warnings and texts, one after the other.',
  example: 'nexo skills compose SK-SHIP ship --component-ids SK-RELEASE-NOTES,SK-REVIEW',
  positionals: [
    { name: 'id', description: 'id of the new skill', required: true },
    { name: 'name', description: 'what to call it', required: true },
  ],
  flags: {
    componentIds: required(text('the skills, by commas', { placeholder: 'ids' })),
    description: text('what it is for', { placeholder: 'sentence' }),
    tags: text('words that call for it, by commas', { placeholder: 'list' }),
    triggerPatterns: text('phrases that call for it, by commas', { placeholder: 'list' }),
  },
  run: async ({ words: [id = '', name = ''], flags, context }) =>
    withSkills(context, (library) => {
      const tags = commaList(flags.tags);
      const triggers = commaList(flags.triggerPatterns);
      const created = composeSkill(library, {
        id,
        name,
        components: commaList(flags.componentIds) ?? [],
        ...(flags.description === undefined ? {} : { description: flags.description }),
        ...(tags === undefined ? {} : { tags }),
        ...(triggers === undefined ? {} : { triggers }),
      });
      return { ok: true, ...created };
    }),
  render: ({ id, folder }, { ink, marks }) => `${ink.good(marks.done)} ${id} is made: ${folder}`,
});
