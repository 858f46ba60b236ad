import { toSkillDetail } from '../../../skills/views.ts';
import { defineCommand } from '../../command.ts';
import { renderFacts, renderPrompt } from '../../render/catalog.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'One of the operator’s skills: what it is for, whether its program may run, its record, and its guide. The skills ' +
    'of the team are shown by nexo skills show.',
  example: 'nexo skills get SK-CREATE-NEXO-PRIMITIVE',
  positionals: [{ name: 'id', description: 'id of the skill, such as SK-RELEASE-REVIEW', required: true }],
  flags: {},
  run: async ({ words: [id = ''], context }) =>
    withSkills(context, (library) => {
      const known = library.get(id);
      const { content } = known.skill;
      return { ...toSkillDetail(known), content };
    }),
  render: (skill, view) =>
    [
      ...renderFacts(
        `${skill.name} (${skill.id})`,
        [
          ['purpose', skill.description || 'not said'],
          ['called by', skill.trigger_patterns.join(', ') || 'its text alone'],
          ['mode', `${skill.mode}, execution level ${skill.execution_level}`],
          ['level', `${skill.level}, trust ${skill.trust_score}`],
          ['record', `${skill.use_count} uses, ${skill.success_count} worked, ${skill.fail_count} failed`],
          ['from', `${skill.source}, ${skill.folder}`],
          ...(skill.note === '' ? [] : [['note', skill.note] as const]),
        ],
        view,
      ),
      '',
      renderPrompt(skill.content),
    ].join('\n'),
});
