import { stopDaemon } from '../../../daemon/launch.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { defineCommand } from '../../command.ts';
import { toggle, wholeNumber } from '../../flags.ts';

export default defineCommand({
  description:
    'Stops the daemon of your home and answers once it is gone. Runs under way may finish for as long as ' +
    'daemon.grace_seconds in runtime.yaml says, and are ended then. Stopping none is no failure.',
  example: 'nexo daemon stop',
  flags: {
    grace: wholeNumber('how long runs may go on, in seconds', 'seconds'),
    now: toggle('end runs at once'),
  },
  stopsItself: true,
  run: async ({ flags: { grace, now }, context: { io } }) => ({
    stopped: await stopDaemon({
      paths: resolveHomePaths(io.env, io.userHome()),
      graceMs: now ? 0 : grace === undefined ? undefined : grace * 1000,
      signal: io.signal,
    }),
  }),
  render: ({ stopped }, { ink, marks }) =>
    stopped ? `${ink.good(marks.done)} The daemon has stopped.` : 'No daemon was running.',
});
