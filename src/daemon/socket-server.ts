import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

import { NexoError } from '../errors.ts';
import { encodeFrame, errorToWire, PROTOCOL_VERSION, RequestSchema, readFrames } from './protocol.ts';

/** What a method answers with; it may throw, and the error crosses the socket. */
export type Method = (params: Readonly<Record<string, unknown>>) => unknown;

/** A connection that asks nothing for so long is closed, in milliseconds. */
const IDLE_MS = 60_000;
const MAX_CONNECTIONS = 32;

/** Answers requests on a local socket that its owner alone can use. */
export async function serveSocket(
  path: string,
  methods: Readonly<Record<string, Method>>,
): Promise<{ close(): Promise<void> }> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    readFrames(
      socket,
      (value) => void answer(value, methods).then((frame) => socket.write(frame)),
      () => socket.destroy(),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, path);
  // The folder around it keeps others out already; some systems judge the socket itself.
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // What has been written is delivered, then the connection ends.
        for (const socket of connections) socket.end();
        setTimeout(() => {
          for (const socket of connections) socket.destroy();
        }, CLOSE_MS).unref();
      }),
  };
}

/** How long a client may take to hang up when the daemon stops, in milliseconds. */
const CLOSE_MS = 500;

async function answer(value: unknown, methods: Readonly<Record<string, Method>>): Promise<Buffer> {
  const request = RequestSchema.safeParse(value).data;
  const id = request?.id ?? 0;
  try {
    if (request === undefined) throw invalid('The request is not one of the protocol.');
    if (request.protocol !== PROTOCOL_VERSION) {
      throw invalid(
        `The daemon speaks version ${PROTOCOL_VERSION} of the protocol, not ${request.protocol}.`,
      );
    }
    const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    if (method === undefined) throw invalid(`The daemon has no method "${request.method}".`);
    return encodeFrame({ id, result: (await method(request.params)) ?? null });
  } catch (error) {
    return encodeFrame({ id, error: errorToWire(error) });
  }
}

function invalid(message: string): NexoError {
  return new NexoError('DAEMON_REQUEST_INVALID', message, {
    hint: 'nexo daemon restart starts the daemon of this version.',
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => {
        // A connection that could not be taken; the others go on.
      });
      resolve();
    });
  });
}
