import { NexoError } from '../../../errors.ts';
import { recordUse } from '../../../skills/store.ts';
import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Says how following a guide went, so that its trust says something. Programs report by themselves.',
  example: 'nexo skills result SK-REVIEW --worked --context "release 2.1"',
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  flags: {
    worked: toggle('it led to the result'),
    failed: toggle('it did not'),
    context: text('what it was applied to', { placeholder: 'words' }),
    notes: text('what happened', { placeholder: 'words' }),
  },
  run: async ({
    words: [id = ''],
    flags: { worked, failed, context: applied = '', notes = '' },
    context,
  }) => {
    if (worked === failed) {
      throw new NexoError('USAGE', 'Say --worked or --failed.', { hint: 'One of the two, and not both.' });
    }
    return withSkills(context, (library) => {
      const { skill } = library.get(id);
      const judged = recordUse(
        library.database,
        skill,
        { success: worked, context: applied, notes },
        library.clock,
      );
      return { ok: true, id: skill.id, ...judged };
    });
  },
  render: ({ id, trustScore, level, promotion }, { ink, marks }) =>
    `${ink.good(marks.done)} ${id}: trust ${trustScore}, ${level}${promotion ? ` (${promotion})` : ''}.`,
});
