import { Client, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';

import { type NexoError, systemErrorCode } from '../../errors.ts';
import { nexoVersion } from '../../version.ts';
import type { JsonObject, LoadedPlugin, PluginConnection } from '../contract.ts';
import type { ServerManifest } from '../manifest.ts';
import { parseLoaded } from '../parse-loaded.ts';
import { loadFailed, pluginError } from '../plugin-error.ts';
import type { GuardedProcess } from '../process/guarded-process.ts';
import { tooLarge } from './framed.ts';

export interface McpOptions {
  readonly file: string;
  readonly process: GuardedProcess;
  readonly manifest: ServerManifest;
  readonly maxResultBytes: number;
  /** Told when the server says that its tools are others now. */
  readonly onToolsChanged: (loaded: LoadedPlugin) => void;
}

/** Most pages of a server's tool list: one that never ends is no list. */
const MAX_PAGES = 50;
const ENVELOPE_BYTES = 64 * 1024;
/** We bound each call ourselves; the client's own limit must not be the shorter one. */
const NO_TIMEOUT = { timeout: 2 ** 31 - 1 };

/** Speaks MCP with a server on its standard input and output, and gives its tools our names. */
export function connectMcp(options: McpOptions): PluginConnection {
  const { file, process, manifest } = options;
  const fault = Promise.withResolvers<never>();
  fault.promise.catch(() => {}); // each wait below hears of it
  const client = new Client(
    { name: 'nexo', version: nexoVersion() },
    {
      // What comes is checked by whoever called; the client's own check would load a second validator.
      jsonSchemaValidator: {
        getValidator: () => (value) => ({ valid: true, data: value as never, errorMessage: undefined }),
      },
    },
  );
  /** Our name → the server's. */
  let names: ReadonlyMap<string, string> = new Map();

  const list = async (): Promise<LoadedPlugin> => {
    const found: Awaited<ReturnType<Client['listTools']>>['tools'] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || (cursor !== undefined && page < MAX_PAGES); page += 1) {
      const { tools, nextCursor } = await client.listTools(
        cursor === undefined ? {} : { cursor },
        NO_TIMEOUT,
      );
      found.push(...tools);
      cursor = nextCursor;
    }
    const missing = manifest.only?.filter((name) => !found.some((tool) => tool.name === name)) ?? [];
    if (missing.length > 0)
      throw loadFailed(
        file,
        `the server has no tool ${missing.slice(0, 5).join(', ')}; the manifest lists it`,
      );
    const offered = found.filter(({ name }) => manifest.only?.includes(name) ?? true);
    const fresh = new Map<string, string>();
    const tools = offered.map(({ name, title, description, inputSchema, outputSchema, annotations }) => {
      const own = manifest.prefix + plainName(name);
      const other = fresh.get(own);
      if (other !== undefined)
        throw loadFailed(file, `its tools ${other} and ${name} would both be called ${own}`);
      fresh.set(own, name);
      return {
        name: own,
        title,
        description: description ?? title ?? name,
        inputSchema,
        outputSchema,
        annotations,
      };
    });
    const loaded = { tools: parseLoaded(file, tools, {}).tools, declared: manifest.declared };
    names = fresh;
    return loaded;
  };

  const begin = async (): Promise<LoadedPlugin> => {
    await client.connect(transportOf(options, fault.reject), NO_TIMEOUT);
    client.setNotificationHandler('notifications/tools/list_changed', async () => {
      // A list that cannot be had now leaves the old one in force.
      await list().then(options.onToolsChanged, () => {});
    });
    return list();
  };

  const loaded = Promise.race([begin(), fault.promise]).catch((error: unknown) => {
    throw isOurs(error)
      ? error
      : loadFailed(file, `it does not speak MCP: ${reasonOf(error)}`, { cause: error });
  });
  loaded.catch(() => {}); // whoever waits for it hears of it
  void process.ended.then(({ story }) => fault.reject(loadFailed(file, `it ${story}`)));

  return {
    loaded,
    call: async (tool: string, input: JsonObject, signal: AbortSignal) => {
      const name = names.get(tool);
      if (name === undefined)
        throw pluginError('PLUGIN_TOOL_FAILED', file, `its server has no tool ${tool} any more`);
      try {
        const calling = client.callTool({ name, arguments: { ...input } }, { ...NO_TIMEOUT, signal });
        calling.catch(() => {}); // the race may be over
        return toValue(file, await Promise.race([calling, fault.promise]));
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw isOurs(error)
          ? error
          : pluginError('PLUGIN_TOOL_FAILED', file, reasonOf(error), { cause: error });
      }
    },
  };
}

/** One JSON message a line, each of bounded length. What is no message is dropped: some servers print greetings. */
function transportOf(
  { file, process, maxResultBytes }: McpOptions,
  onFault: (error: NexoError) => void,
): Transport {
  const { input, output } = process;
  const maxBytes = 2 * maxResultBytes + ENVELOPE_BYTES;
  let chunks: Buffer[] = [];
  let bytes = 0;
  const transport: Transport = {
    start: async () => {
      output?.on('data', (chunk: Buffer) => {
        let rest = chunk;
        for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
          deliver(Buffer.concat([...chunks, rest.subarray(0, end)]));
          chunks = [];
          bytes = 0;
          rest = rest.subarray(end + 1);
        }
        if (rest.length === 0) return;
        chunks.push(rest);
        bytes += rest.length;
        if (bytes <= maxBytes) return;
        chunks = [];
        bytes = 0;
        onFault(tooLarge(file, maxBytes, maxResultBytes));
        process.end('protocol', `sent a message of more than ${maxBytes} bytes`);
      });
      void process.ended.then(() => transport.onclose?.());
    },
    send: async (message: JSONRPCMessage) => {
      input?.write(`${JSON.stringify(message)}\n`);
    },
    close: async () => process.end('closed', 'was closed'),
  };
  const deliver = (line: Buffer): void => {
    let message: unknown;
    try {
      message = JSON.parse(line.toString('utf8'));
    } catch {
      return;
    }
    // The client judges each message by its own schema.
    if (typeof message === 'object' && message !== null) transport.onmessage?.(message as JSONRPCMessage);
  };
  return transport;
}

/** What a result says, in the shape in which modules answer: structure where there is some, else the text. */
function toValue(file: string, result: Awaited<ReturnType<Client['callTool']>>): unknown {
  const text = result.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
  if (result.isError === true)
    throw pluginError(
      'PLUGIN_TOOL_FAILED',
      file,
      text.trim().slice(0, 2000).replace(/\.$/, '') || 'the tool failed',
    );
  if (result.structuredContent !== undefined) return result.structuredContent;
  const others = result.content.filter(({ type }) => type !== 'text');
  return others.length === 0 ? text : { result: text, content: others };
}

/** `getUser`, `search-docs` → `get_user`, `search_docs`. */
function plainName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

function isOurs(error: unknown): error is NexoError {
  return (systemErrorCode(error) ?? '').startsWith('PLUGIN_');
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, ' ').trim().slice(0, 500).replace(/\.$/, '');
}
