import { promoteSkill } from '../../../skills/lifecycle.ts';
import { defineCommand } from '../../command.ts';
import { choice, text } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description: 'Raises a skill by hand, instead of by its record; published unless told otherwise.',
  example: 'nexo skills promote SK-REVIEW --target-level stable',
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  flags: {
    targetLevel: choice(['draft', 'published', 'stable'], 'the level'),
    reason: text('why', { placeholder: 'words' }),
  },
  run: async ({ words: [id = ''], flags: { targetLevel = 'published', reason = '' }, context }) =>
    withSkills(context, (library) => {
      promoteSkill(library, id, targetLevel, reason);
      return { ok: true, id: library.get(id).skill.id, level: targetLevel };
    }),
  render: ({ id, level }, { ink, marks }) => `${ink.good(marks.done)} ${id} is ${level}.`,
});
