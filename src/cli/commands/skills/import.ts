import { resolve } from 'node:path';

import { importSkills } from '../../../skills/transfer.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { count } from '../../render/words.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Takes skills of the open Agent Skills format (SKILL.md), or of ours, into your own: the folder itself, or every ' +
    'skill below it. Each arrives whole or is refused with its reason. A program in one runs only once you approve it.',
  example: 'nexo skills export SK-REVIEW --to ./out && nexo skills import ./out --force',
  positionals: [
    { name: 'folder', description: 'a skill, or a folder above skills', required: true, completes: 'folder' },
  ],
  flags: { force: toggle('replace skills that are there') },
  run: async ({ words: [folder = ''], flags, context }) =>
    withSkills(context, (library) => importSkills(library, resolve(context.io.cwd(), folder), flags)),
  render: ({ imported, refused }, { ink, marks }) =>
    [
      ...imported.flatMap(({ id, folder, warnings }) => [
        `${ink.good(marks.done)} ${id} ${ink.dim(folder)}`,
        ...warnings.map((warning) => `  ${ink.warn(marks.warning)} ${warning}`),
      ]),
      ...refused.flatMap(({ from, reason, fix }) => [
        `${ink.bad(marks.failure)} ${from}: ${reason}`,
        `  ${ink.accent(marks.arrow)} ${fix}`,
      ]),
      `${count(imported.length, 'skill')} imported, ${refused.length} refused.`,
    ].join('\n'),
  failed: ({ refused }) => refused.length > 0,
});
