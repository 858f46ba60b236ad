import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import type { HomePaths } from '../home/paths.ts';

export interface DaemonPaths {
  /** For the owner alone. */
  readonly folder: string;
  /** The kernel's lock: who holds it is the daemon of this home. */
  readonly lock: string;
  /** Where the running daemon says how to reach it. */
  readonly info: string;
  /** Where the socket lies when its path is not too long for the system. */
  readonly socket: string;
  /** What a daemon in the background said before it had its log. */
  readonly bootOutput: string;
  readonly log: string;
}

export function daemonPaths({ state, logs }: Pick<HomePaths, 'state' | 'logs'>): DaemonPaths {
  const folder = join(state, 'daemon');
  return {
    folder,
    lock: join(folder, 'lock.db'),
    info: join(folder, 'daemon.json'),
    socket: join(folder, 'daemon.sock'),
    bootOutput: join(folder, 'boot.out'),
    log: join(logs, 'daemon.log'),
  };
}

/** Longest path of a socket in bytes: `sun_path` without its end, which Linux has longer than macOS and BSD. */
const MAX_SOCKET_BYTES = process.platform === 'linux' ? 107 : 103;
const SHORT_PREFIX = 'nexo-daemon-';

/**
 * Where the daemon's socket is to lie: in its folder, or, when that path is too long for the system, in a new folder
 * of its own with a name that nobody can guess. Clients learn the place from the info file.
 */
export function chooseSocketPath({ socket }: Pick<DaemonPaths, 'socket'>): string {
  if (Buffer.byteLength(socket) <= MAX_SOCKET_BYTES) return socket;
  // mkdtemp makes it for the owner alone. The folder for temporary files may be far down itself.
  const roots = [tmpdir(), '/tmp'];
  const root = roots.find(
    (each) => Buffer.byteLength(join(each, `${SHORT_PREFIX}XXXXXX`, 's')) <= MAX_SOCKET_BYTES,
  );
  return join(mkdtempSync(join(root ?? '/tmp', SHORT_PREFIX)), 's');
}

/** Removes a socket that a daemon of this home left, and the folder that was made for it alone. Never throws. */
export function removeSocket(path: string, { socket }: Pick<DaemonPaths, 'socket'>): void {
  const folder = dirname(path);
  try {
    if (path === socket) {
      rmSync(path, { force: true });
    } else if (basename(folder).startsWith(SHORT_PREFIX) && basename(path) === 's' && isOurs(folder)) {
      rmSync(path, { force: true });
      rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    // Litter in a temporary folder hurts nobody; in ours, listening fails and says why.
  }
}

function isOurs(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.getuid?.();
}
