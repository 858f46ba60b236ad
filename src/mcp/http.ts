import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createMcpHandler } from '@modelcontextprotocol/server';

import { NexoError, systemErrorCode } from '../errors.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { aborted } from './aborted.ts';
import { authority, hostHeaders, isLoopback, type ListenAddress } from './http/address.ts';
import { createListener } from './http/app.ts';
import { ChangeBus } from './http/change-bus.ts';
import { createSdkServer } from './http/sdk-server.ts';
import { loadToken, TOKEN_FILE_NAME } from './http/token.ts';
import { decideProject, type Launch } from './project.ts';
import { guardStdout } from './stdout-guard.ts';
import { Toolbox } from './toolbox.ts';
import type { Toolset } from './toolsets.ts';
import { createWorld } from './world.ts';

export interface HttpOptions extends Launch, ListenAddress {
  readonly toolsets: readonly Toolset[];
  /** Ends the server: exchanges under way are finished, nothing more is taken. */
  readonly signal: AbortSignal;
  /** A line for the person who looks after the server; goes to standard error. */
  readonly log: (line: string) => void;
  /** Given by the operator; without it the token is kept in `stateFolder`, and only loopback addresses are served. */
  readonly tokenFile: string | undefined;
  /** `NEXO_HOME/state`. */
  readonly stateFolder: string;
  /** More names that clients may use for this machine, without a port. */
  readonly allowedHosts?: readonly string[];
  /** Other times than the usual for requests that are slow to come; a test has no time to lose. */
  readonly limits?: Partial<
    Pick<typeof LIMITS, 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'>
  >;
  /** Origins of web pages that may use the server, such as `https://tools.example`. */
  readonly allowedOrigins?: readonly string[];
}

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

/**
 * Serves MCP over streamable HTTP until `signal` is aborted.
 * Throws HTTP_ADDRESS_REFUSED, HTTP_LISTEN_FAILED, HTTP_TOKEN_INVALID, PROJECT_ROOT_AMBIGUOUS or PROJECT_ROOT_MISSING.
 */
export async function runHttp(options: HttpOptions): Promise<void> {
  const { log, signal } = options;
  const { root } = decideProject(options, { kind: 'undeclared' });
  const moreOrigins = (options.allowedOrigins ?? []).map(parseOrigin);
  const tokenFile = chooseTokenFile(options);
  const token = loadToken(tokenFile);
  const workspace = openWorkspace(root);
  const bus = new ChangeBus(root);
  const toolbox = new Toolbox(options.toolsets, () => bus.publish({ kind: 'tools_list_changed' }));
  const world = createWorld(options, () => Promise.resolve(workspace), log);
  const served = { workspace, toolbox, toolsets: options.toolsets, world };
  const handler = createMcpHandler((context) => createSdkServer(served, context), {
    bus,
    onerror: () => undefined, // each is answered to the client that caused it; none is news for the operator
  });
  const server = createServer({ ...LIMITS, ...options.limits, requireHostHeader: false });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxHeadersCount = MAX_HEADERS;
  server.setTimeout(IDLE_MS);
  const { address: bound, port } = await listen(server, options);
  // From here on it is a connection that could not be taken, which the others survive.
  server.on('error', (error) => log(`a connection failed: ${error.message}`));
  const address = { host: options.host, port };
  const ownOrigins = [...hostHeaders(address, bound)].map((host) => `http://${host}`);
  server.on(
    'request',
    createListener(handler, {
      hosts: hostHeaders(address, bound, options.allowedHosts),
      origins: new Set([...ownOrigins, ...moreOrigins]),
      token,
      openPaths: new Set(['/health']),
    }),
  );
  // Some libraries remark on a client that went away, and on standard output at that.
  const guard = guardStdout();
  try {
    log(`serving ${root} at http://${authority(address)}/mcp; the token is in ${tokenFile}`);
    await aborted(signal);
    await shutDown(server, async () => {
      await handler.close();
      await toolbox.close();
    });
  } finally {
    guard.release();
  }
}

function chooseTokenFile({ host, tokenFile, stateFolder }: HttpOptions): string {
  if (tokenFile !== undefined) return tokenFile;
  if (isLoopback(host)) return join(stateFolder, TOKEN_FILE_NAME);
  throw new NexoError('HTTP_ADDRESS_REFUSED', `${host} can be reached from other machines.`, {
    hint: 'Listen on 127.0.0.1, or name the token that clients must send with --token-file FILE.',
    data: { host },
  });
}

/** Throws USAGE: a list with a typing error in it must not come to nothing in silence. */
function parseOrigin(text: string): string {
  const url = URL.parse(text);
  if (url !== null && url.origin !== 'null' && url.href === `${url.origin}/`) return url.origin;
  throw new NexoError('USAGE', `"${text.slice(0, 80)}" is no origin.`, {
    hint: 'Give scheme and host, and the port if there is one: https://tools.example',
  });
}

function listen(server: HttpServer, { host, port }: ListenAddress): Promise<AddressInfo> {
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

function listenFailed(error: Error, { host, port }: ListenAddress): NexoError {
  const reason = LISTEN_REASONS[systemErrorCode(error) ?? ''] ?? error.message;
  return new NexoError('HTTP_LISTEN_FAILED', `Could not listen on ${host}, port ${port}: ${reason}.`, {
    hint: 'Choose another port, or 0 for any that is free.',
    data: { host, port },
    cause: error,
  });
}

async function shutDown(server: HttpServer, endStreams: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection falls idle when its exchange ends, and Node would keep it open for the next one.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await endStreams();
  await Promise.race([closed, delay(SHUTDOWN_MS, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
  await closed;
}
