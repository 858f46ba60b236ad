import { diagnosePlugins } from '../../../plugins/diagnose.ts';
import { discoverPlugins } from '../../../plugins/discover.ts';
import { findPluginFile } from '../../../plugins/resolve-file.ts';
import { defineCommand } from '../../command.ts';
import { withPlugins } from '../../plugins-door.ts';
import { count } from '../../render/words.ts';
import { homePaths } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Looks at a plugin, or at all: whether it loads, whether its names are its own, whether its companion script and ' +
    'its variables are there, and whether its text holds secrets or names a model. Exit code 1 when anything fails.',
  example: 'nexo plugins doctor crm-bridge',
  flags: {},
  positionals: [{ name: 'name', description: 'its file name, with or without the extension' }],
  run: async ({ words: [name], context }) => {
    const paths = await homePaths(context);
    return withPlugins(context, (library) => {
      const file =
        name === undefined ? undefined : findPluginFile(discoverPlugins(library.folders), name).file;
      const looked = file === undefined ? library.slots.length : 1;
      const issues = diagnosePlugins(library, {
        paths,
        env: context.io.env,
        ...(file !== undefined && { file }),
      });
      return { plugins: looked, issues };
    });
  },
  failed: ({ issues }) => issues.some(({ severity }) => severity === 'error'),
  render: ({ plugins, issues }, { ink, marks }) =>
    issues.length === 0
      ? `${ink.good(marks.done)} ${count(plugins, 'plugin')}, nothing wrong`
      : issues
          .map(
            ({ subject, severity, message }) =>
              `${severity === 'error' ? ink.bad(marks.failure) : ink.warn(marks.warning)} ${ink.bold(subject)}: ${message}`,
          )
          .join('\n'),
});
