import { checkHomeDatabase, openHomeDatabase } from '../../../home/database.ts';
import { initialiseHome } from '../../../home/layout.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { defineCommand } from '../../command.ts';

export default defineCommand({
  description:
    'Makes what is missing of your own Nexo folder, NEXO_HOME: places for scripts, skills and plugins, settings, ' +
    'and the database. What is there is never touched.',
  example: 'nexo home init',
  flags: {},
  run: async ({ context }) => {
    const paths = resolveHomePaths(context.io.env, context.io.userHome());
    const { created } = initialiseHome(paths);
    const hadDatabase = checkHomeDatabase(paths.database).state !== 'missing';
    (await openHomeDatabase(paths)).close();
    return { home: paths.home, created: hadDatabase ? created : [...created, 'state/nexo.db'] };
  },
  render: ({ home, created }, { ink, marks }) =>
    [
      created.length === 0
        ? `${ink.good(marks.done)} ${home} was complete already.`
        : `${ink.good(marks.done)} ${home} is ready.`,
      ...created.map((path) => `  ${ink.dim('made')} ${path}`),
      ...(created.length === 0
        ? []
        : [ink.dim('  Next: nexo scripts create morning-report --schedule 09:00')]),
    ].join('\n'),
});
