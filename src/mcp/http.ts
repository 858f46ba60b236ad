import { join } from 'node:path';
import { createMcpHandler } from '@modelcontextprotocol/server';

import { closeHttp, createHttpServer, type HttpLimits, listenHttp } from '../base/http-server.ts';
import { authority, hostHeaders, isLoopback, type ListenAddress } from '../base/listen-address.ts';
import { NexoError } from '../errors.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { aborted } from './aborted.ts';
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
  readonly limits?: HttpLimits;
  /** Origins of web pages that may use the server, such as `https://tools.example`. */
  readonly allowedOrigins?: readonly string[];
}

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
  const world = createWorld(options, () => Promise.resolve(workspace), log);
  const toolbox = new Toolbox(options.toolsets, world, () => bus.publish({ kind: 'tools_list_changed' }));
  const served = { workspace, toolbox, toolsets: options.toolsets, world };
  const handler = createMcpHandler((context) => createSdkServer(served, context), {
    bus,
    onerror: () => undefined, // each is answered to the client that caused it; none is news for the operator
  });
  const server = createHttpServer(options.limits);
  const { address: bound, port } = await listenHttp(server, options);
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
    await closeHttp(server, async () => {
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
