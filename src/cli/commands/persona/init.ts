import { join, resolve } from 'node:path';

import { nexoVersion, packageRoot } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';

export default defineCommand({
  description:
    'Makes the folder of a new persona pack: a manifest, an agent, a workspace and a workflow that publishes ' +
    'releases. It passes every check as it stands; change its texts to make it yours.',
  example: 'nexo persona init my-persona',
  flags: {
    dir: text('the folder to make, instead of one of that name', { placeholder: 'dir', completes: 'folder' }),
  },
  positionals: [
    { name: 'name', description: 'id of the pack: small letters, digits, hyphens', required: true },
  ],
  run: async ({ words: [name = ''], flags, context }) => {
    const { scaffoldPack } = await import('../../../personas/author/scaffold.ts');
    const dir = resolve(context.io.cwd(), flags.dir ?? name);
    const files = scaffoldPack({
      name,
      dir,
      templates: join(packageRoot(), 'assets', 'templates', 'persona'),
      nexoVersion: nexoVersion(),
    });
    return { ok: true as const, id: name, dir, files };
  },
  render: ({ id, dir, files }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} ${ink.bold(id)} in ${dir}`,
      ...files.map((file) => `  ${file}`),
      `${ink.accent(marks.arrow)} nexo persona verify ${dir}`,
    ].join('\n'),
});
