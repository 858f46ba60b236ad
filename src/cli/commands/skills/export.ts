import { resolve } from 'node:path';

import { exportSkills } from '../../../skills/transfer.ts';
import { defineCommand } from '../../command.ts';
import { required, text, toggle } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'Writes skills in the open Agent Skills format, a folder with a SKILL.md each, as every harness reads them. What ' +
    'only Nexo knows goes into the metadata and comes back on import.',
  example: 'nexo skills export SK-REVIEW --to ./skills',
  positionals: [{ name: 'id', description: 'ids of the skills', required: true, variadic: true }],
  flags: {
    to: required(text('folder to write to', { placeholder: 'dir', completes: 'folder' })),
    force: toggle('write over what is there'),
  },
  run: async ({ words, flags: { to, force }, context }) =>
    withSkills(context, (library) => ({
      exported: exportSkills(library, words, resolve(context.io.cwd(), to), { force }),
    })),
  render: ({ exported }, { ink, marks }) =>
    exported
      .map(({ id, folder, files }) => `${ink.good(marks.done)} ${id} ${ink.dim(folder)} ${files.join(', ')}`)
      .join('\n'),
});
