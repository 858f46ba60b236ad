import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { nodeFileSystem } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { lockHolders } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { loadSettings } from '../home/config.ts';
import type { HomePaths } from '../home/paths.ts';
import { callDaemon } from './client.ts';
import { daemonLives, readInfo } from './info.ts';
import { type DaemonPaths, daemonPaths } from './paths.ts';
import { errorFromDocument } from './protocol.ts';
import type { DaemonStatus } from './status.ts';

/** How often to look whether something has happened, in milliseconds. */
const POLL_MS = 30;
/** How long a daemon may take until it is ready, in milliseconds. */
const READY_MS = 30_000;
/** How long beyond the grace period a daemon may take to stop, in milliseconds. */
const STOP_MS = 15_000;
/** How long a daemon may take to answer that it stops, in milliseconds. */
const ASK_MS = 2_000;
/** As STOP_MS, for one that did not answer. */
const HANGING_MS = 3_000;
/** How long to wait for the process behind a lock that is free, in milliseconds. */
const EXIT_MS = 1_000;
/** How long a process may take to vanish after SIGKILL, in milliseconds. */
const KILL_MS = 5_000;

export interface LaunchOptions {
  readonly paths: HomePaths;
  readonly program: { readonly node: string; readonly file: string };
  readonly env: NodeJS.ProcessEnv;
  readonly httpAddress?: string | undefined;
  readonly signal?: AbortSignal;
}

export type DaemonState =
  | ({ readonly running: true } & DaemonStatus)
  /** It has the lock and does not answer: it is starting, hanging, or of a version that speaks otherwise. */
  | { readonly running: true; readonly ready: false; readonly pid: number | null; readonly problem: string }
  | { readonly running: false };

/** What the daemon of this home does; never throws for one that does not run or does not answer. */
export async function readDaemonState(paths: HomePaths, signal?: AbortSignal): Promise<DaemonState> {
  const daemon = daemonPaths(paths);
  try {
    return { running: true, ...(await askStatus(daemon, signal)) };
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    if (error.code === 'DAEMON_NOT_RUNNING') return { running: false };
    return { running: true, ready: false, pid: daemonPid(daemon) ?? null, problem: error.message };
  }
}

export interface Started extends DaemonStatus {
  /** It was running already, or somebody else started it at the same moment. */
  readonly already: boolean;
}

/**
 * Starts the daemon in the background and answers once it is ready; one that runs already is fine. Throws with the
 * code and reason that kept it from starting; then nothing of it is left running.
 */
export async function startDaemon(options: LaunchOptions): Promise<Started> {
  const { paths, program, env, httpAddress, signal } = options;
  const daemon = daemonPaths(paths);
  if (daemonLives(daemon)) return waitForOther(daemon, signal);
  ensureFolder(nodeFileSystem, daemon.folder, 0o700);
  const output = openSync(daemon.bootOutput, 'w', 0o600);
  const address = httpAddress === undefined ? [] : ['--http', httpAddress];
  const child = spawn(program.node, [program.file, 'daemon', 'run', '--json', ...address], {
    cwd: paths.home,
    env: { ...env, NEXO_HOME: paths.home, NEXO_CONFIG_DIR: paths.config },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, exitSignal) => {
    failure = `it ended with ${exitSignal ?? `exit code ${code}`}`;
  });
  child.unref();
  try {
    const status = await untilReady(
      daemon,
      (pid) => pid === child.pid,
      () => {
        signal?.throwIfAborted();
        if (failure !== undefined) throw startFailed(daemon, failure);
      },
    );
    return { already: false, ...status };
  } catch (error) {
    const lostTheRace = error instanceof NexoError && error.code === 'DAEMON_ALREADY_RUNNING';
    if (lostTheRace) return waitForOther(daemon, signal);
    // Half a daemon would hold the lock against the next try.
    if (failure === undefined) child.kill('SIGTERM');
    throw error;
  }
}

/** Waits until a daemon that somebody else starts is ready. Throws DAEMON_START_FAILED. */
export function waitForDaemon(paths: HomePaths, signal?: AbortSignal): Promise<DaemonStatus> {
  return untilReady(
    daemonPaths(paths),
    () => true,
    () => signal?.throwIfAborted(),
  );
}

async function waitForOther(daemon: DaemonPaths, signal: AbortSignal | undefined): Promise<Started> {
  const status = await untilReady(
    daemon,
    () => true,
    () => signal?.throwIfAborted(),
  );
  return { already: true, ...status };
}

/** Asks until the daemon is ready; `check` is called before each time and may throw. */
async function untilReady(
  daemon: DaemonPaths,
  isTheOne: (pid: number | undefined) => boolean,
  check: () => void,
): Promise<DaemonStatus> {
  for (const until = performance.now() + READY_MS; performance.now() < until; ) {
    check();
    const status = isTheOne(readInfo(daemon)?.pid) ? await tryStatus(daemon) : undefined;
    if (status?.ready === true) return status;
    await delay(POLL_MS);
  }
  const unready = (await tryStatus(daemon))?.parts.filter(({ ready }) => !ready) ?? [];
  const which = unready.map(({ name, detail }) => `${name}: ${detail ?? 'starting'}`).join('; ');
  throw startFailed(daemon, `it was not ready within ${READY_MS / 1000} s${which && ` (${which})`}`);
}

export interface StopOptions {
  readonly paths: HomePaths;
  /** How long runs may go on; default: what the daemon's settings say. */
  readonly graceMs?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Stops the daemon and answers once its process is gone: false when none was running. One that cannot be asked, hangs
 * or is of another version gets a signal. Throws DAEMON_STOP_FAILED.
 */
export async function stopDaemon({ paths, graceMs, signal }: StopOptions): Promise<boolean> {
  const daemon = daemonPaths(paths);
  if (!daemonLives(daemon)) return false;
  const pid = daemonPid(daemon);
  let answered = true;
  try {
    const params = graceMs === undefined ? {} : { grace_ms: graceMs };
    await callDaemon(daemon, 'stop', { params, timeoutMs: ASK_MS, ...(signal && { signal }) });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    answered = false;
    end(daemon, pid, 'SIGTERM');
  }
  const patienceMs = (graceMs ?? loadSettings(paths).settings.graceMs) + (answered ? STOP_MS : HANGING_MS);
  if (await gone(daemon, pid, patienceMs, signal)) return true;
  // It holds the lock, so the process with this id is the daemon and no other.
  end(daemon, pid, 'SIGKILL');
  if (await gone(daemon, pid, KILL_MS, signal)) return true;
  throw new NexoError(
    'DAEMON_STOP_FAILED',
    `The daemon${pid === undefined ? '' : `, process ${pid},`} did not stop.`,
    {
      hint: `Look at it with: ps -p ${pid ?? 'PID'}`,
      data: { pid: pid ?? null },
    },
  );
}

async function gone(
  daemon: DaemonPaths,
  pid: number | undefined,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const until = performance.now() + ms; daemonLives(daemon); ) {
    signal?.throwIfAborted();
    if (performance.now() >= until) return false;
    await delay(POLL_MS);
  }
  // The lock goes with the work, the process a moment later.
  for (const until = performance.now() + EXIT_MS; performance.now() < until && isAlive(pid); ) {
    await delay(POLL_MS);
  }
  return true;
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0) && !isZombie(pid);
  } catch {
    return false;
  }
}

/** In a container whose first process waits for nobody, what has ended stays in the table for good. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no such table on this system
  }
}

/** The process that holds the lock: from the system's own table, or what the daemon wrote where there is none. */
function daemonPid(daemon: DaemonPaths): number | undefined {
  return lockHolders(daemon.lock)[0] ?? readInfo(daemon)?.pid;
}

function end(daemon: DaemonPaths, pid: number | undefined, signal: NodeJS.Signals): void {
  // Only while the lock is held: a process id of the past may belong to anybody.
  if (pid === undefined || !daemonLives(daemon)) return;
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile, or not ours: waiting for the lock tells.
  }
}

async function askStatus(daemon: DaemonPaths, signal?: AbortSignal): Promise<DaemonStatus> {
  const { DaemonStatusSchema } = await import('./status.ts');
  const status = DaemonStatusSchema.safeParse(await callDaemon(daemon, 'status', signal && { signal }));
  if (status.success) return status.data;
  throw new NexoError(
    'DAEMON_UNREACHABLE',
    'The daemon answered with a status that this version cannot read.',
    {
      hint: 'nexo daemon restart starts the daemon of this version.',
    },
  );
}

async function tryStatus(daemon: DaemonPaths): Promise<DaemonStatus | undefined> {
  try {
    return await askStatus(daemon);
  } catch {
    return undefined; // it is on its way, or has just ended: the loop looks again
  }
}

/** What the daemon said before it ended: its own error when there is one, else its last words. */
function startFailed(daemon: DaemonPaths, how: string): NexoError {
  const output = readFileSync(daemon.bootOutput, 'utf8').slice(-8_192);
  const start = output.indexOf('{\n  "error"');
  const own = start === -1 ? undefined : errorFromDocument(output.slice(start));
  if (own !== undefined) return own;
  const lastLine = output.trim().split('\n').at(-1) ?? '';
  return new NexoError(
    'DAEMON_START_FAILED',
    `The daemon did not start: ${how}${lastLine && ` (${lastLine})`}.`,
    {
      hint: `What it wrote is in ${daemon.bootOutput} and ${daemon.log}.`,
      data: { log: daemon.log },
    },
  );
}
