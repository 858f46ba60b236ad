import { defineCommand } from '../../command.ts';
import { count } from '../../render/words.ts';
import { issueLine, withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Reads every skill folder, stages the programs, and names every fault; one bad skill never hides the others. ' +
    'Every other command does the same first. Exit code 1 when something is wrong.',
  example: 'nexo skills sync',
  flags: {},
  run: async ({ context }) => withSkills(context, (library) => library.sync()),
  render: ({ synced, pruned, shadowed, issues }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} ${count(synced, 'skill')} in step.`,
      ...pruned.map((id) => `  ${ink.dim('gone')} ${id}`),
      ...shadowed.map(
        ({ id, folder, by }) =>
          `${ink.warn(marks.warning)} ${id} in ${folder} is not used: ${by} has one of this id.`,
      ),
      ...issues.map(
        (issue) =>
          `${issue.level === 'error' ? ink.bad(marks.failure) : ink.warn(marks.warning)} ${issueLine(issue)}`,
      ),
    ].join('\n'),
  failed: ({ issues }) => issues.some(({ level }) => level === 'error'),
});
