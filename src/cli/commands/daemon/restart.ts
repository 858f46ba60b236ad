import { readDaemonState, stopDaemon } from '../../../daemon/launch.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { renderStatus } from '../../render/daemon.ts';
import { launchDaemon } from './launch-daemon.ts';

export default defineCommand({
  description:
    'Stops the daemon of your home, of whatever version it is, and starts the one of this program. Starts it as well ' +
    'when none was running.',
  example: 'nexo daemon restart && nexo daemon stop',
  flags: {
    http: text('where to answer /health, /ready and /metrics, instead of what runtime.yaml says', {
      placeholder: 'host:port',
    }),
  },
  stopsItself: true,
  run: async ({ flags, context }) => {
    const { io } = context;
    const paths = resolveHomePaths(io.env, io.userHome());
    const { signal } = io;
    const before = await readDaemonState(paths, signal);
    await stopDaemon({ paths, signal });
    const status = await launchDaemon(context, flags.http);
    const previous = 'version' in before ? { pid: before.pid, version: before.version } : null;
    return { running: true as const, previous, ...status };
  },
  render: ({ previous, ...state }, view) =>
    [
      ...(previous === null
        ? []
        : [
            `${view.ink.good(view.marks.done)} Stopped process ${previous.pid}, version ${previous.version}.`,
          ]),
      renderStatus(state, view),
    ].join('\n'),
});
