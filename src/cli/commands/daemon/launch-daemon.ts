import { readDaemonState, type Started, startDaemon } from '../../../daemon/launch.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import type { CommandContext } from '../../command.ts';
import { startThroughService } from '../../service-door.ts';

/** Starts the daemon as it is meant to run here: by its service where there is one, else in the background. */
export async function launchDaemon(
  { io }: CommandContext,
  httpAddress: string | undefined,
): Promise<Started> {
  const paths = resolveHomePaths(io.env, io.userHome());
  const state = await readDaemonState(paths, io.signal);
  const byService = state.running ? undefined : await startThroughService(io);
  if (byService !== undefined) return { already: false, ...byService };
  return startDaemon({
    paths,
    program: { node: process.execPath, file: io.program },
    env: io.env,
    httpAddress,
    signal: io.signal,
  });
}
