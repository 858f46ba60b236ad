import { diagnoseScripts } from '../../../automation/scripts/doctor/diagnose.ts';
import { defineCommand } from '../../command.ts';
import { renderScriptReports } from '../../render/scripts.ts';
import { homePaths } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Looks at a script, or at all of yours: whether it can run, whether its schedule is declared well, and whether it ' +
    'does anything that breaks with the next update. Every problem is told at once. Exit code 1 when anything fails.',
  example: 'nexo scripts doctor morning-report',
  flags: {},
  positionals: [{ name: 'script', description: 'its name, or the path of any file', completes: 'file' }],
  run: async ({ words, context }) => {
    const { io } = context;
    return diagnoseScripts(await homePaths(context), {
      target: words[0],
      cwd: io.cwd(),
      searchPath: io.env.PATH,
    });
  },
  failed: (reports) => reports.some(({ status }) => status === 'fail'),
  render: renderScriptReports,
});
