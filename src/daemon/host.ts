import { chmodSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { type Clock, isoTime, systemClock } from '../base/clock.ts';
import { nodeFileSystem } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { closeHttp } from '../base/http-server.ts';
import { holdLock, type LongLock } from '../base/lock.ts';
import { type Log, openLog } from '../base/log.ts';
import { type WakeWatch, watchWake } from '../base/wake-watch.ts';
import { NexoError } from '../errors.ts';
import { loadSettingsOrThrow, type Settings } from '../home/config.ts';
import { openHomeDatabase } from '../home/database.ts';
import { initialiseHome } from '../home/layout.ts';
import type { HomePaths } from '../home/paths.ts';
import { type HealthServer, serveHealth } from './http.ts';
import { readInfo, removeInfo, writeInfo } from './info.ts';
import type { DaemonPart } from './part.ts';
import { chooseSocketPath, type DaemonPaths, daemonPaths, removeSocket } from './paths.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import type { Reloaded } from './reload.ts';
import { serveSocket } from './socket-server.ts';
import type { DaemonStatus } from './status.ts';
import { type SupervisedPart, supervise } from './supervise.ts';

export interface HostOptions {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly version: string;
  readonly program: { readonly node: string; readonly file: string };
  readonly parts: readonly DaemonPart[];
  /** Ends the daemon: runs finish or are ended after the grace period. */
  readonly signal: AbortSignal;
  /** Asks for a reload, from now on; answers with the way to stop listening. */
  onReload?(listener: () => void): () => void;
  /** Beats `http.health_addr` of the settings. */
  readonly httpAddress?: string | undefined;
  /** Told what a person at the terminal wants to know. */
  note(line: string): void;
  readonly clock?: Clock;
}

/** How a daemon ended. */
export interface DaemonEnd {
  readonly reason: 'signal' | 'request' | 'replaced';
  /** False when something did not stop in time and was left to the system. */
  readonly clean: boolean;
}

/** How long everything besides the runs may take to stop, in milliseconds. */
const STOP_MS = 10_000;
/** How long to wait for a lock that somebody may only be looking at, in milliseconds. */
const LOCK_TRIES = 20;
const LOCK_PAUSE_MS = 50;
/** How often the daemon looks whether it is still the one of its home, in milliseconds. */
const SELF_CHECK_MS = 2_000;

/**
 * Runs the daemon of a home until it is told to stop. It answers `/health` and its socket early, and is ready once all
 * parts are. Throws DAEMON_ALREADY_RUNNING, CONFIG_INVALID, HTTP_LISTEN_FAILED, DATABASE_DAMAGED and whatever else
 * keeps it from starting; once it has started, the failure of a part is not one of the daemon.
 */
export async function runDaemon(options: HostOptions): Promise<DaemonEnd> {
  const { paths, clock = systemClock } = options;
  const daemon = daemonPaths(paths);
  ensureFolder(nodeFileSystem, daemon.folder, 0o700);
  // Somebody may have made it by hand, and whoever can enter can ask the daemon anything.
  chmodSync(daemon.folder, 0o700);
  const lock = await takeLock(daemon);
  try {
    const settings = loadSettingsOrThrow(paths);
    initialiseHome(paths);
    const log = await openLog({ to: { path: daemon.log }, clock });
    try {
      return await runLocked({ ...options, clock }, { daemon, lock, log, settings });
    } catch (error) {
      log.error('the daemon could not start', { error });
      throw error;
    } finally {
      log.close();
    }
  } finally {
    lock.release();
  }
}

async function takeLock(daemon: DaemonPaths): Promise<LongLock> {
  for (let tries = 0; ; tries += 1) {
    const lock = holdLock(daemon.lock);
    if ('release' in lock) return lock;
    const pid = readInfo(daemon)?.pid;
    // Who only looks whether a daemon lives has the lock for a moment; a daemon keeps it.
    const isDaemon = pid !== undefined && lock.holders.includes(pid);
    if (isDaemon || tries >= LOCK_TRIES) {
      const holder = lock.holders[0] ?? pid;
      throw new NexoError(
        'DAEMON_ALREADY_RUNNING',
        `A daemon of this home runs already${holder === undefined ? '' : `: process ${holder}`}.`,
        {
          hint: 'nexo daemon status shows it; nexo daemon restart starts it anew.',
          data: { pid: holder ?? null, folder: daemon.folder },
        },
      );
    }
    await delay(LOCK_PAUSE_MS);
  }
}

interface Locked {
  readonly daemon: DaemonPaths;
  readonly lock: LongLock;
  readonly log: Log;
  readonly settings: Settings;
}

async function runLocked(
  options: HostOptions & { readonly clock: Clock },
  { daemon, lock, log, settings: firstSettings }: Locked,
): Promise<DaemonEnd> {
  const { paths, clock, note, version } = options;
  const startedAt = clock.now();
  let settings = firstSettings;
  let wakes = 0;
  let parts: readonly SupervisedPart[] = [];
  let http: HealthServer | undefined;
  let database: DatabaseSync | undefined;
  let wake: WakeWatch | undefined;
  let socket: { close(): Promise<void> } | undefined;
  let socketPath: string | undefined;
  const ending = endingOf(options.signal);
  log.info('the daemon starts', { version, home: paths.home });

  const status = (): DaemonStatus => {
    const states = parts.map((part) => part.status());
    const stopping = ending.request !== undefined;
    return {
      pid: process.pid,
      version,
      started_at: isoTime({ now: () => startedAt }),
      uptime_seconds: Math.max(0, Math.round((clock.now() - startedAt) / 1000)),
      ready: !stopping && socket !== undefined && states.every(({ ready }) => ready),
      stopping,
      home: paths.home,
      http: http?.url ?? '',
      wakes,
      parts: states,
    };
  };

  /** `only` are parts that look anew at what is theirs; without it everything is read anew, the settings too. */
  const reload = async (only?: readonly unknown[]): Promise<Reloaded> => {
    // The whole of the new settings first: a mistake in them leaves everything as it was.
    if (only === undefined) settings = loadSettingsOrThrow(paths);
    const applied: string[] = [];
    const rejected: { part: string; reason: string }[] = [];
    for (const part of parts.filter(({ name }) => only === undefined || only.includes(name))) {
      try {
        await part.reload();
        applied.push(part.name);
      } catch (error) {
        rejected.push({ part: part.name, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    if (only === undefined || rejected.length > 0) log.info('reloaded', { applied, rejected });
    return { applied, rejected };
  };

  const offReload = options.onReload?.(() => {
    reload().catch((error: unknown) =>
      log.error('the settings were not reloaded; the old ones stay', { error }),
    );
  });
  const selfCheck = setInterval(() => {
    if (lock.isHeld()) return;
    log.error('the lock of this daemon was removed or replaced; another may have taken its place');
    ending.ask({ reason: 'replaced', graceMs: undefined });
  }, SELF_CHECK_MS);

  try {
    http = await serveHealth(options.httpAddress ?? settings.healthAddress, status);
    database = await openHomeDatabase(paths, { clock });
    wake = watchWake({ clock });
    wake.on((event) => {
      wakes += 1;
      log.warn(
        event.kind === 'wake' ? 'the machine slept, or its clock was set forward' : 'the clock was set back',
        {
          ...event,
        },
      );
    });
    const shared = { database, wakeEvents: wake, program: options.program, settings: () => settings };
    const { env, userHome } = options;
    parts = options.parts.map((part) => {
      const partLog = log.child({ part: part.name });
      return supervise({ part, log, context: { paths, env, userHome, clock, log: partLog, ...shared } });
    });

    const previous = readInfo(daemon);
    if (previous !== undefined) removeSocket(previous.socket, daemon);
    removeSocket(daemon.socket, daemon);
    socketPath = chooseSocketPath(daemon);
    socket = await serveSocket(socketPath, {
      status,
      reload: ({ parts: only }) => reload(Array.isArray(only) ? only : undefined),
      stop: ({ grace_ms: graceMs }) => {
        ending.ask({ reason: 'request', graceMs: typeof graceMs === 'number' ? graceMs : undefined });
        return { pid: process.pid };
      },
    });
    writeInfo(daemon, {
      pid: process.pid,
      version,
      protocol: PROTOCOL_VERSION,
      started_at: isoTime({ now: () => startedAt }),
      socket: socketPath,
      http: http.url,
    });
    log.info('the daemon runs', { http: http.url, parts: parts.map(({ name }) => name) });
    note(`daemon ${process.pid} of ${paths.home} runs; health at ${http.url}/health`);
    const request = await ending.asked;
    note(`daemon ${process.pid} stops`);
    log.info('the daemon stops', { reason: request.reason });
    const graceMs = request.graceMs ?? settings.graceMs;
    const clean = await withinTime(Promise.all(parts.map((part) => part.stop(graceMs))), graceMs + STOP_MS);
    if (!clean) log.error('not everything stopped in time', { graceMs });
    parts = [];
    return { reason: request.reason, clean };
  } finally {
    clearInterval(selfCheck);
    offReload?.();
    wake?.stop();
    // Left are those of a start that failed.
    await withinTime(Promise.all(parts.map((part) => part.stop(0))), STOP_MS);
    // The socket goes last of what others see, so that who waits for the end can ask until then.
    if (http !== undefined) await closeHttp(http.server);
    await socket?.close();
    if (socketPath !== undefined) removeSocket(socketPath, daemon);
    removeInfo(daemon, process.pid);
    database?.close();
    log.info('the daemon has stopped');
  }
}

interface EndRequest {
  readonly reason: DaemonEnd['reason'];
  /** Undefined for that of the settings. */
  readonly graceMs: number | undefined;
}

/** The first request to end counts. */
function endingOf(signal: AbortSignal): {
  readonly asked: Promise<EndRequest>;
  readonly request: EndRequest | undefined;
  ask(request: EndRequest): void;
} {
  let request: EndRequest | undefined;
  const { promise, resolve } = Promise.withResolvers<EndRequest>();
  const ask = (first: EndRequest): void => {
    request ??= first;
    resolve(first);
  };
  const stopped = (): void => ask({ reason: 'signal', graceMs: undefined });
  if (signal.aborted) stopped();
  else signal.addEventListener('abort', stopped, { once: true });
  return {
    asked: promise,
    get request() {
      return request;
    },
    ask,
  };
}

async function withinTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      work.then(() => true),
      delay(ms, false, { signal: stop.signal, ref: true }).catch(() => false),
    ]);
  } finally {
    stop.abort();
  }
}
