import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import type { RunCommand } from '../../automation/schedules/backends/contract.ts';
import { runProcess } from '../../base/process.ts';
import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { scratchReason } from '../../home/scratch.ts';
import type { ServiceManager } from './contract.ts';
import type { ServiceOptions } from './service.ts';

/** How long the service manager may take over one command, in milliseconds: it waits for the daemon to stop. */
const COMMAND_MS = 120_000;

export interface ServiceWorld {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly program: { readonly node: string; readonly file: string };
  readonly signal: AbortSignal;
  /** How programs of the operating system are run; a test has its own, and then this machine is not asked. */
  readonly run?: RunCommand;
}

/** What the service is made of on this machine. Throws SERVICE_REFUSED where there is no manager that we know. */
export async function serviceOptions(world: ServiceWorld): Promise<ServiceOptions> {
  const { paths, env, userHome, program } = world;
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
    manager: await managerOf(world),
    program,
    scratch: scratch ?? (world.run === undefined ? missingManager() : undefined),
  };
}

async function managerOf({
  env,
  userHome,
  signal,
  run = commandRunner(env, signal),
}: ServiceWorld): Promise<ServiceManager> {
  if (process.platform === 'darwin') {
    const { launchdService } = await import('./launchd.ts');
    const folder = join(userHome, 'Library', 'LaunchAgents');
    return launchdService({ folder, uid: process.getuid?.() ?? 0, run });
  }
  if (process.platform === 'linux') {
    const { systemdService } = await import('./systemd.ts');
    const config =
      env.XDG_CONFIG_HOME?.startsWith('/') === true ? env.XDG_CONFIG_HOME : join(userHome, '.config');
    return systemdService({ folder: join(config, 'systemd', 'user'), run });
  }
  throw new NexoError('SERVICE_REFUSED', `Nexo installs no services on ${process.platform}.`, {
    hint: 'nexo daemon start works everywhere.',
  });
}

function commandRunner(env: NodeJS.ProcessEnv, signal: AbortSignal): RunCommand {
  return (file, args) => runProcess(file, args, { env, signal, timeoutMs: COMMAND_MS });
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
