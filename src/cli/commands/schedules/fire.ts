import { systemClock } from '../../../base/clock.ts';
import { openHomeDatabase } from '../../../home/database.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { defineCommand } from '../../command.ts';
import { text, wholeNumber } from '../../flags.ts';

export default defineCommand({
  description:
    'Runs what is due of one schedule, once, and records it. Timers and the daemon call this; it does nothing when ' +
    'every due time has its outcome already.',
  example: 'nexo schedules fire morning-report',
  flags: {
    run: wholeNumber('a run that was claimed already'),
    token: text('what proves that this run is for us'),
  },
  positionals: [{ name: 'id', description: 'id of the schedule', required: true }],
  stopsItself: true,
  run: async ({ flags, words: [id = ''], context: { io } }) => {
    const { fireClaimed, fireDue } = await import('../../../automation/schedules/fire.ts');
    const { createRunJob } = await import('../../../automation/schedules/job.ts');
    const { readSetting } = await import('../../../automation/schedules/store.ts');
    const home = resolveHomePaths(io.env, io.userHome());
    const database = await openHomeDatabase(home);
    try {
      const searchPath = readSetting(database, 'path');
      const runJob = createRunJob({ home, env: io.env, searchPath });
      const options = { home, database, clock: systemClock, signal: io.signal, runJob };
      const fired =
        flags.run === undefined
          ? await fireDue(id, options)
          : await fireClaimed(flags.run, flags.token ?? '', options);
      return { schedule: id, did: fired.did, exit_code: fired.result?.exitCode ?? null };
    } finally {
      database.close();
    }
  },
  render: ({ schedule, did, exit_code }) =>
    did === 'ran' ? `${schedule} ended with ${exit_code}.` : `Nothing of ${schedule} is due.`,
  exitCode: ({ exit_code }) => exit_code ?? 0,
});
