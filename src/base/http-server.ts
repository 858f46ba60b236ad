import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { NexoError, systemErrorCode } from '../errors.ts';

/** A client that is slow, wasteful or hostile costs its own connection and no more. Times in milliseconds. */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 64;
const MAX_HEADERS = 100;

/** A connection on which nothing moves for so long is closed, in milliseconds. Event streams have a heartbeat. */
const IDLE_MS = 120_000;

/** How long exchanges under way may take to end when the server is stopped, in milliseconds. */
const SHUTDOWN_MS = 3_000;
const SWEEP_MS = 20;

/** Other times than the usual for requests that are slow to come; a test has no time to lose. */
export type HttpLimits = Partial<
  Pick<typeof LIMITS, 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'>
>;

/** A server with our bounds, which does not listen yet. Requests without `Host` reach the listener, to be refused. */
export function createHttpServer(limits: HttpLimits = {}): Server {
  const server = createServer({ ...LIMITS, ...limits, requireHostHeader: false });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxHeadersCount = MAX_HEADERS;
  server.setTimeout(IDLE_MS);
  return server;
}

/** Listens, and answers with the address and port that the system gave. Throws HTTP_LISTEN_FAILED. */
export function listenHttp(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenFailed(error, { host, port })));
    server.listen({ host, port }, () => {
      // A server that listens on a host and port has an address of this form.
      resolve(server.address() as AddressInfo);
    });
  });
}

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

function listenFailed(
  error: Error,
  { host, port }: { readonly host: string; readonly port: number },
): NexoError {
  const reason = LISTEN_REASONS[systemErrorCode(error) ?? ''] ?? error.message;
  return new NexoError('HTTP_LISTEN_FAILED', `Could not listen on ${host}, port ${port}: ${reason}.`, {
    hint: 'Choose another port, or 0 for any that is free.',
    data: { host, port },
    cause: error,
  });
}

/** Takes nothing new, lets exchanges under way end for a while, and then closes what is left. */
export async function closeHttp(
  server: Server,
  endStreams: () => Promise<void> = async () => {},
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection falls idle when its exchange ends, and Node would keep it open for the next one.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await endStreams();
  await Promise.race([closed, delay(SHUTDOWN_MS, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
  await closed;
}
