import { type DaemonState, readDaemonState } from '../../../daemon/launch.ts';
import { daemonPaths } from '../../../daemon/paths.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { nexoVersion } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { renderStatus } from '../../render/daemon.ts';

type Answer = DaemonState & {
  /** Of the program that asks; a daemon of another version should be restarted. */
  readonly program_version: string;
  readonly log: string;
};

export default defineCommand({
  description:
    'Shows the daemon of your home: whether it runs and is ready, its version, its parts, and what is due next. ' +
    'Exit code 1 when it does not run or is not ready.',
  example: 'nexo daemon status || true',
  flags: {},
  run: async ({ context: { io } }): Promise<Answer> => {
    const paths = resolveHomePaths(io.env, io.userHome());
    const state = await readDaemonState(paths, io.signal);
    return { ...state, program_version: nexoVersion(), log: daemonPaths(paths).log };
  },
  render: (state, view) => renderStatus(state, view),
  failed: (state) => !(state.running && state.ready),
});
