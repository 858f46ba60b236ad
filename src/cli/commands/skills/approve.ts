import { userInfo } from 'node:os';

import { NexoError } from '../../../errors.ts';
import { judgeApproval } from '../../../skills/approval.ts';
import { EXECUTION_LEVELS } from '../../../skills/definition.ts';
import { approve } from '../../../skills/store.ts';
import { defineCommand } from '../../command.ts';
import { choice, text } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Says that a skill’s program may run as it is now. When the skill changes, the approval is void. An agent cannot ' +
    'do this: it is the operator’s word.',
  example: 'nexo skills approve SK-RUN-RUNTIME-DOCTOR --approved-by ada',
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  flags: {
    executionLevel: choice(
      EXECUTION_LEVELS.slice(1),
      'the level that is meant; it has to be the skill’s own',
    ),
    approvedBy: text('who approves; your user name unless told otherwise', { placeholder: 'name' }),
  },
  run: async ({ words: [id = ''], flags, context }) =>
    withSkills(context, (library) => {
      const { skill, stored } = library.get(id);
      if (skill.executable === undefined || skill.executionLevel === 'none') {
        throw new NexoError(
          'SKILL_NOT_APPROVED',
          `${skill.id} has nothing to approve: its program never runs.`,
          {
            hint: `Set execution_level in ${skill.definitionFile}.`,
          },
        );
      }
      if (flags.executionLevel !== undefined && flags.executionLevel !== skill.executionLevel) {
        throw new NexoError(
          'SKILL_NOT_APPROVED',
          `${skill.id} declares the execution level ${skill.executionLevel}.`,
          {
            hint: `Approve that, or change execution_level in ${skill.definitionFile}.`,
          },
        );
      }
      const by = flags.approvedBy ?? userInfo().username;
      approve(
        library.database,
        { id: skill.id, level: skill.executionLevel, by, digest: stored.digest },
        library.clock,
      );
      library.refresh();
      return {
        id: skill.id,
        execution_level: skill.executionLevel,
        approved_by: by,
        state: judgeApproval(library.get(id)).kind,
      };
    }),
  render: ({ id, execution_level, approved_by }, { ink, marks }) =>
    `${ink.good(marks.done)} ${id} may run (${execution_level}), as it is now; approved by ${approved_by}.`,
});
