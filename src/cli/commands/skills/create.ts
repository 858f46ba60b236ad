import { join } from 'node:path';

import { createSkill } from '../../../skills/create.ts';
import { EXECUTION_LEVELS, SKILL_LEVELS, SKILL_MODES } from '../../../skills/definition.ts';
import { defineCommand } from '../../command.ts';
import { choice, text, texts } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Writes a skill of your own: skill.json, guide.md, and a program when its mode has one. What it writes syncs ' +
    'without a complaint; then edit it.',
  example: 'nexo skills create release-review --mode hybrid',
  positionals: [{ name: 'name', description: 'what to call it, such as release-review', required: true }],
  flags: {
    mode: choice(SKILL_MODES, 'text alone, a program alone, or both; guide unless told otherwise'),
    id: text('its id, when not the one made from the name', { placeholder: 'SK-…' }),
    description: text('what it is for and when to use it', { placeholder: 'sentence' }),
    level: choice(SKILL_LEVELS, 'how far it is; draft unless told otherwise'),
    executionLevel: choice(EXECUTION_LEVELS, 'how much its program may do; read-only unless told otherwise'),
    tag: texts('a word that calls for it', 'tag'),
    trigger: texts('a phrase that calls for it', 'phrase'),
    step: texts('a step of its guide', 'sentence'),
  },
  run: async ({ words: [name = ''], flags, context }) =>
    withSkills(context, (library) => {
      const { mode, id, description, level, executionLevel, tag, trigger, step } = flags;
      const created = createSkill(library, {
        name,
        ...(mode === undefined ? {} : { mode }),
        ...(id === undefined ? {} : { id }),
        ...(description === undefined ? {} : { description }),
        ...(level === undefined ? {} : { level }),
        ...(executionLevel === undefined ? {} : { executionLevel }),
        ...(tag === undefined ? {} : { tags: tag }),
        ...(trigger === undefined ? {} : { triggers: trigger }),
        ...(step === undefined ? {} : { steps: step }),
      });
      return { ok: true, ...created, paths: created.files.map((file) => join(created.folder, file)) };
    }),
  render: ({ id, paths }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} ${id} is made.`,
      ...paths.map((path) => `  ${path}`),
      ink.dim(`  Next: edit it, then nexo skills apply ${id} --dry-run`),
    ].join('\n'),
});
