import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { runProcess } from '../base/process.ts';
import type { ServiceManager } from '../daemon/service/contract.ts';
import type { ServiceOptions } from '../daemon/service/service.ts';
import { NexoError } from '../errors.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { scratchReason } from '../home/scratch.ts';
import type { Io } from './io.ts';

/** How long the service manager may take over one command, in milliseconds: it waits for the daemon to stop. */
const COMMAND_MS = 120_000;

/** What the service commands need of this machine. Throws SERVICE_REFUSED where there is no manager that we know. */
export async function serviceOptions(io: Io): Promise<ServiceOptions> {
  const { env } = io;
  const userHome = io.userHome();
  const paths = resolveHomePaths(env, userHome);
  const scratch = scratchReason({
    home: paths.home,
    userHome,
    accountHome: accountHome(),
    temporaryFolder: tmpdir(),
    env,
  });
  return {
    paths,
    userHome,
    searchPath: env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    manager: await managerOf(io, userHome),
    program: { node: process.execPath, file: io.program },
    scratch: scratch ?? missingManager(),
  };
}

async function managerOf({ env, signal }: Io, userHome: string): Promise<ServiceManager> {
  const run = (file: string, args: readonly string[]) =>
    runProcess(file, args, { env, signal, timeoutMs: COMMAND_MS });
  if (process.platform === 'darwin') {
    const { launchdService } = await import('../daemon/service/launchd.ts');
    const folder = join(userHome, 'Library', 'LaunchAgents');
    return launchdService({ folder, uid: process.getuid?.() ?? 0, run });
  }
  if (process.platform === 'linux') {
    const { systemdService } = await import('../daemon/service/systemd.ts');
    const config =
      env.XDG_CONFIG_HOME?.startsWith('/') === true ? env.XDG_CONFIG_HOME : join(userHome, '.config');
    return systemdService({ folder: join(config, 'systemd', 'user'), run });
  }
  throw new NexoError('SERVICE_REFUSED', `Nexo installs no services on ${process.platform}.`, {
    hint: 'nexo daemon start works everywhere.',
  });
}

/** Where systemd is installed but does not run, as in most containers, its commands only fail. */
function missingManager(): string | undefined {
  if (process.platform !== 'linux' || existsSync('/run/systemd/system')) return undefined;
  return 'systemd does not run on this machine';
}

function accountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined; // a user without an entry in the system's list
  }
}
