import { SKILL_LEVELS } from '../../../skills/definition.ts';
import { toMatchRow } from '../../../skills/views.ts';
import { defineCommand } from '../../command.ts';
import { choice, wholeNumber } from '../../flags.ts';
import { renderItems } from '../../render/catalog.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'The skills that a task in words calls for, best first: by a trigger phrase, by a tag, or by words in their text. ' +
    'The score says how surely each is meant.',
  example: 'nexo skills match "create a new skill"',
  positionals: [{ name: 'task', description: 'the task in words', required: true, variadic: true }],
  flags: {
    level: choice(SKILL_LEVELS, 'only skills of this level'),
    top: wholeNumber('how many at most; 3 unless told otherwise'),
  },
  run: async ({ words, flags: { level, top = 3 }, context }) =>
    withSkills(context, (library) => ({
      matches: library
        .match(words.join(' '), {
          limit: Math.max(1, Math.min(50, top)),
          ...(level === undefined ? {} : { level }),
        })
        .map(toMatchRow),
    })),
  render: ({ matches }, view) =>
    matches.length === 0
      ? 'No skill is about that.'
      : renderItems(
          matches.map(({ id, description, score, match, mode, source }) => ({
            columns: [
              String(id),
              `${Math.round(Number(score) * 100)} %`,
              String(match),
              String(mode),
              String(source),
            ],
            lines: [String(description)],
          })),
          view,
        ).join('\n'),
});
