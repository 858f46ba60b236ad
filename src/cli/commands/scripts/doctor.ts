import { readSetting } from '../../../automation/schedules/store.ts';
import { diagnoseScripts } from '../../../automation/scripts/doctor/diagnose.ts';
import { NexoError } from '../../../errors.ts';
import { openHomeDatabaseReadOnly } from '../../../home/database.ts';
import { defineCommand } from '../../command.ts';
import { renderScriptReports } from '../../render/scripts.ts';
import { homePaths } from '../../scripts-door.ts';

/** What reconcile has captured. A database that cannot be read is another doctor's business. */
function readJobPath(database: string): string | undefined {
  try {
    const open = openHomeDatabaseReadOnly(database);
    try {
      return open && readSetting(open, 'path');
    } finally {
      open?.close();
    }
  } catch (error) {
    if (error instanceof NexoError) return undefined;
    throw error;
  }
}

export default defineCommand({
  description:
    'Looks at a script, or at all of yours: whether it can run, whether its schedule is declared well, and whether it ' +
    'does anything that breaks with the next update. Every problem is told at once. Exit code 1 when anything fails.',
  example: 'nexo scripts doctor morning-report',
  flags: {},
  positionals: [{ name: 'script', description: 'its name, or the path of any file', completes: 'script' }],
  run: async ({ words, context }) => {
    const { io } = context;
    const paths = await homePaths(context);
    return diagnoseScripts(paths, {
      target: words[0],
      cwd: io.cwd(),
      searchPath: io.env.PATH,
      jobPath: readJobPath(paths.database),
    });
  },
  failed: (reports) => reports.some(({ status }) => status === 'fail'),
  render: renderScriptReports,
});
