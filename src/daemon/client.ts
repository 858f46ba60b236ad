import { connect } from 'node:net';

import { NexoError, systemErrorCode } from '../errors.ts';
import { daemonLives, readInfo } from './info.ts';
import type { DaemonPaths } from './paths.ts';
import { encodeFrame, errorFromWire, PROTOCOL_VERSION, ResponseSchema, readFrames } from './protocol.ts';

export interface CallOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 3_000;

/**
 * Asks the daemon of this home. Throws DAEMON_NOT_RUNNING when there is none, DAEMON_UNREACHABLE when it does not
 * answer, or what the daemon answered with.
 */
export async function callDaemon(
  paths: DaemonPaths,
  method: string,
  { params = {}, timeoutMs = TIMEOUT_MS, signal }: CallOptions = {},
): Promise<unknown> {
  signal?.throwIfAborted();
  const info = readInfo(paths);
  if (info === undefined || !isReachable(info.socket))
    throw notReached(paths, 'it has not said where it listens');
  return new Promise((resolve, reject) => {
    const socket = connect(info.socket);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    const fail = (why: string): void => finish(() => reject(notReached(paths, why)));
    const stop = (): void => finish(() => reject(signal?.reason));
    const timer = setTimeout(() => fail(`it did not answer within ${timeoutMs / 1000} s`), timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    socket.on('connect', () =>
      socket.write(encodeFrame({ protocol: PROTOCOL_VERSION, id: 1, method, params })),
    );
    socket.on('error', (error) => fail(systemErrorCode(error) ?? error.message));
    socket.on('close', () => fail('it closed the connection'));
    readFrames(
      socket,
      (value) => {
        const response = ResponseSchema.safeParse(value).data;
        if (response === undefined) fail('it answered with something else');
        else if ('error' in response) finish(() => reject(errorFromWire(response.error)));
        else finish(() => resolve(response.result));
      },
      fail,
    );
  });
}

/** A path that a damaged info file names must not lead Node to a host and port. */
function isReachable(socket: string): boolean {
  return socket.startsWith('/');
}

function notReached(paths: DaemonPaths, why: string): NexoError {
  if (!daemonLives(paths)) {
    return new NexoError('DAEMON_NOT_RUNNING', 'No daemon is running for this home.', {
      hint: 'nexo daemon start',
      data: { folder: paths.folder },
    });
  }
  return new NexoError('DAEMON_UNREACHABLE', `The daemon of this home runs, but cannot be asked: ${why}.`, {
    hint: 'nexo daemon logs shows what it does; nexo daemon restart starts it anew.',
    data: { folder: paths.folder },
  });
}
