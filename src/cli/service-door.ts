import type { ServiceOptions } from '../daemon/service/service.ts';
import type { DaemonStatus } from '../daemon/status.ts';
import { NexoError } from '../errors.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { Io } from './io.ts';

/** What the service commands need of this machine. Throws SERVICE_REFUSED where there is no manager that we know. */
export async function serviceOptionsOf(io: Io): Promise<ServiceOptions> {
  const { serviceOptions } = await import('../daemon/service/options.ts');
  const userHome = io.userHome();
  return serviceOptions({
    paths: resolveHomePaths(io.env, userHome),
    env: io.env,
    userHome,
    program: { node: process.execPath, file: io.program },
    signal: io.signal,
  });
}

/**
 * Starts the daemon through its service where it is installed as one, so that the system goes on looking after it;
 * undefined where it is not.
 */
export async function startThroughService(io: Io): Promise<DaemonStatus | undefined> {
  const { readService } = await import('../daemon/service/service.ts');
  try {
    const options = await serviceOptionsOf(io);
    const { installed, scratch } = await readService(options);
    if (!installed || scratch !== null) return undefined;
    await options.manager.load();
    const { waitForDaemon } = await import('../daemon/launch.ts');
    return await waitForDaemon(options.paths, io.signal);
  } catch (error) {
    if (error instanceof NexoError && error.code === 'SERVICE_REFUSED') return undefined;
    throw error;
  }
}
