import { archiveSkill } from '../../../skills/lifecycle.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Takes a skill out of matching. Its folder and its record stay; nexo skills promote brings it back.',
  example: 'nexo skills archive SK-FIND-REGRESSION --reason "we use another way"',
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  flags: {
    replacementId: text('the skill to use instead', { placeholder: 'id' }),
    reason: text('why', { placeholder: 'words' }),
  },
  run: async ({ words: [id = ''], flags: { replacementId, reason }, context }) =>
    withSkills(context, (library) => ({
      ok: true,
      ...archiveSkill(library, id, {
        ...(replacementId === undefined ? {} : { replacement: replacementId }),
        ...(reason === undefined ? {} : { reason }),
      }),
    })),
  render: ({ id, replacement }, { ink, marks }) =>
    `${ink.good(marks.done)} ${id} is archived.${replacement === undefined ? '' : ` ${replacement} takes its place.`}`,
});
