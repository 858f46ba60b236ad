import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { runProcess } from '../../../base/process.ts';
import { NexoError } from '../../../errors.ts';
import type { HomePaths } from '../../../home/paths.ts';
import { scratchReason } from '../../../home/scratch.ts';
import { builtinBackend } from './builtin.ts';
import type { RunCommand, ScheduleBackend } from './contract.ts';
import { launchdBackend } from './launchd.ts';
import { systemdBackend } from './systemd.ts';

export const BACKEND_CHOICES = ['auto', 'systemd', 'launchd', 'builtin'] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

export interface BackendWorld {
  readonly home: HomePaths;
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
  readonly database: DatabaseSync;
  /** How programs of the operating system are run. */
  readonly run?: RunCommand;
  readonly platform?: NodeJS.Platform;
  readonly account?: { readonly uid: number; readonly homedir: string };
  readonly temporaryFolder?: string;
}

export interface Backends {
  /** Where schedules are installed. */
  readonly chosen: ScheduleBackend;
  /** Why that one, for people. */
  readonly reason: string;
  /** All that may be looked at: what another back end still holds is found and moved. */
  readonly all: readonly ScheduleBackend[];
}

const COMMAND_TIMEOUT_MS = 30_000;

/**
 * The back end for a home. A temporary one never reaches the operating system's scheduler, not even to look.
 * Throws SCHEDULE_BACKEND_UNAVAILABLE when the one that is wanted cannot be had.
 */
export async function openBackends(world: BackendWorld, wanted: BackendChoice): Promise<Backends> {
  const builtin = builtinBackend({ database: world.database, home: world.home.home });
  const { account = userInfo(), platform = process.platform } = world;
  const scratch = scratchReason({
    home: world.home.home,
    userHome: world.userHome,
    accountHome: account.homedir === '' ? undefined : account.homedir,
    temporaryFolder: world.temporaryFolder ?? tmpdir(),
    env: world.env,
  });
  const os = scratch === undefined ? await osBackend(world, platform, account.uid) : undefined;
  const all = os === undefined ? [builtin] : [builtin, os.backend];
  if (wanted === 'builtin') return { chosen: builtin, reason: 'it was asked for', all };
  if (os !== undefined && os.unusable === undefined && (wanted === 'auto' || wanted === os.backend.name)) {
    return {
      chosen: os.backend,
      reason: wanted === 'auto' ? `this machine has ${os.backend.name}` : 'it was asked for',
      all,
    };
  }
  const why = scratch ?? os?.unusable ?? `there is no scheduler that Nexo knows on ${platform}`;
  if (wanted === 'auto') return { chosen: builtin, reason: why, all };
  throw new NexoError(
    'SCHEDULE_BACKEND_UNAVAILABLE',
    `The back end ${wanted} cannot be used here: ${os !== undefined && os.backend.name !== wanted ? `this machine has ${os.backend.name}` : why}.`,
    { hint: 'Leave --backend out, or use --backend builtin and run: nexo daemon start' },
  );
}

interface OsBackend {
  readonly backend: ScheduleBackend;
  readonly unusable: string | undefined;
}

async function osBackend(
  world: BackendWorld,
  platform: NodeJS.Platform,
  uid: number,
): Promise<OsBackend | undefined> {
  const { userHome, env, home, run = runCommand } = world;
  if (platform === 'linux') {
    const config = env.XDG_CONFIG_HOME?.startsWith('/') ? env.XDG_CONFIG_HOME : join(userHome, '.config');
    const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`;
    return {
      backend: systemdBackend({ folder: join(config, 'systemd', 'user'), home: home.home, run }),
      unusable: existsSync(join(runtime, 'systemd')) ? undefined : 'no systemd runs for this user',
    };
  }
  if (platform === 'darwin') {
    const folder = join(userHome, 'Library', 'LaunchAgents');
    return { backend: await launchdBackend({ folder, home: home.home, uid, run }), unusable: undefined };
  }
  return undefined;
}

const runCommand: RunCommand = async (file, args) => {
  try {
    return await runProcess(file, args, { timeoutMs: COMMAND_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return { code: 127, stdout: '', stderr: error.message };
  }
};
