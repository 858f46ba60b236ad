import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { renderStatus } from '../../render/daemon.ts';
import { launchDaemon } from './launch-daemon.ts';

export default defineCommand({
  description:
    'Starts the daemon of your home in the background and answers once it is ready, or says why it is not. One that ' +
    'runs already is fine. For a daemon that is there after every start of the machine: nexo service install.',
  example: 'nexo daemon start && nexo daemon stop',
  flags: {
    http: text('where to answer /health, /ready and /metrics, instead of what runtime.yaml says', {
      placeholder: 'host:port',
    }),
  },
  stopsItself: true,
  run: async ({ flags, context }) => ({
    running: true as const,
    ...(await launchDaemon(context, flags.http)),
  }),
  render: (state, view) => renderStatus(state, view),
});
