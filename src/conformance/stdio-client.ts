import { isDeepStrictEqual } from 'node:util';
import { Client, ProtocolError, SdkError, SdkErrorCode, type Tool } from '@modelcontextprotocol/client';

import { NexoError } from '../errors.ts';
import { nexoVersion } from '../version.ts';
import { ServerProcess } from './server-process.ts';
import {
  errorTextOf,
  failedOutcome,
  returnedOutcome,
  type ToolCaller,
  type ToolOutcome,
} from './tool-caller.ts';

export interface ServerOptions {
  readonly argv: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly toolPrefix: string;
  /** How long the server may take to start, and to answer one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Kills the server when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface StdioCaller extends ToolCaller {
  readonly server: { readonly name: string; readonly version: string };
  readonly protocolVersion: string;
  readonly process: ServerProcess;
  listTools(): Promise<Tool[]>;
}

/**
 * Starts the server in the project's folder and connects the official client to it. With `tools`, as some other
 * connection listed them, answers are checked against their output schemas.
 * Throws CONFORMANCE_SERVER_FAILED.
 */
export async function connectServer(
  { root }: { readonly root: string },
  { argv, env, toolPrefix, timeoutMs, signal }: ServerOptions,
  tools?: ReadonlyMap<string, Tool>,
): Promise<StdioCaller> {
  const server = new ServerProcess(argv, {
    cwd: root,
    env: { ...env, NEXO_PROJECT_ROOT: root, NEXUS_PROJECT_ROOT: root },
  });
  const client = new Client({ name: 'nexo-conformance', version: nexoVersion() });
  const ask = async <T>(what: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      throw await serverFailure(server, error, { what, argv, timeoutMs });
    }
  };
  const stop = (): void => server.signal('SIGKILL');
  try {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stop);
    await ask('initialize', () => client.connect(server, { timeout: timeoutMs }));
  } catch (error) {
    signal?.removeEventListener('abort', stop);
    await killServer(server);
    if (!(error instanceof ProtocolError)) throw error;
    throw await serverFailure(server, error, { what: 'initialize', argv, timeoutMs });
  }
  const info = client.getServerVersion();
  return {
    server: { name: info?.name ?? 'unnamed', version: info?.version ?? '' },
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
    process: server,
    listTools: () =>
      ask('tools/list', async () => (await client.listTools(undefined, { timeout: timeoutMs })).tools),
    call: async (tool, params) => {
      const name = `${toolPrefix}${tool}`;
      const toolDefinition = tools?.get(name);
      // An unknown tool is refused like a wrong argument; without this, cases that expect a refusal would pass.
      if (tools !== undefined && toolDefinition === undefined) {
        return {
          ...failedOutcome(`Unknown tool ${name}`),
          defect: { expected: `a tool ${name}`, got: 'no such tool' },
        };
      }
      try {
        const result = await ask(name, () =>
          client.callTool(
            { name, arguments: { ...params } },
            { timeout: timeoutMs, ...(toolDefinition === undefined ? {} : { toolDefinition }) },
          ),
        );
        return toOutcome(result);
      } catch (error) {
        if (error instanceof ProtocolError) return failedOutcome(error.message);
        throw error;
      }
    },
    close: async () => {
      signal?.removeEventListener('abort', stop);
      await server.close();
      await client.close().catch(() => {
        // The process is gone, which is all that closing is about.
      });
    },
  };
}

async function killServer(server: ServerProcess): Promise<void> {
  server.signal('SIGKILL');
  await server.ended();
}

interface CallResult {
  readonly isError?: boolean | undefined;
  readonly structuredContent?: unknown;
  readonly content: readonly { readonly type: string; readonly text?: unknown }[];
}

/** What a model would get to see. Clients read either form of the answer, so the two have to say the same. */
function toOutcome({ isError = false, structuredContent, content }: CallResult): ToolOutcome {
  const text = content.find(({ type }) => type === 'text')?.text;
  const parsed = typeof text === 'string' ? parseText(text) : undefined;
  const value = structuredContent ?? parsed;
  const outcome = isError
    ? errorTextOf(value) === undefined
      ? failedOutcome(typeof text === 'string' ? text : JSON.stringify(value ?? null))
      : returnedOutcome(value)
    : returnedOutcome(value);
  if (structuredContent === undefined || isDeepStrictEqual(structuredContent, parsed)) return outcome;
  return {
    ...outcome,
    defect: {
      expected: 'one answer in both its forms',
      got: 'a text that is not the JSON of structuredContent',
    },
  };
}

/** The JSON in the text, or the text itself. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface FailureContext {
  readonly what: string;
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

async function serverFailure(
  server: ServerProcess,
  error: unknown,
  { what, argv, timeoutMs }: FailureContext,
): Promise<NexoError> {
  if (error instanceof NexoError) return error;
  const hangs = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
  if (!hangs && server.fault === undefined && !(error instanceof ProtocolError)) await killServer(server);
  const reason =
    server.fault ??
    (hangs
      ? `did not answer within ${timeoutMs / 1000} s`
      : error instanceof Error
        ? error.message
        : String(error));
  const errorOutput = server.errorOutput;
  const lines = errorOutput.split('\n');
  // Node ends a crash with its version; what went wrong is further up.
  const telling = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '';
  const message = `During ${what} the server ${reason}${telling === '' ? '' : `. It said: ${telling.trim()}`}`;
  return new NexoError('CONFORMANCE_SERVER_FAILED', message, {
    hint: `Check that this starts an MCP server on stdio: ${argv.join(' ')}`,
    data: { command: [...argv], during: what, ...(errorOutput === '' ? {} : { standardError: errorOutput }) },
    cause: error,
  });
}
