import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { startHttp } from './mcp-http.ts';
import { mcpCommand } from './mcp-project.ts';

/** The revisions of the protocol that are in use, and how the official client is made to speak each. */
export const REVISIONS: Readonly<Record<string, ClientOptions>> = {
  '2025-06-18': { supportedProtocolVersions: ['2025-06-18'] },
  '2025-11-25': {},
  '2026-07-28': { versionNegotiation: { mode: { pin: '2026-07-28' } } },
};

/** A way to reach the server with the official client. */
export interface Door {
  connect(cwd: string, options?: ClientOptions): Promise<{ client: Client; close: () => Promise<void> }>;
}

export const DOORS: Readonly<Record<string, Door>> = {
  stdio: {
    connect: async (cwd, options) => {
      const client = newClient(options);
      const env = Object.fromEntries(
        Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
      await client.connect(new StdioClientTransport({ ...mcpCommand(), cwd, env, stderr: 'ignore' }));
      return { client, close: () => client.close() };
    },
  },
  http: {
    connect: async (cwd, options) => {
      const endpoint = await startHttp(cwd);
      const client = newClient(options);
      const transport = new StreamableHTTPClientTransport(new URL(endpoint.url), {
        requestInit: { headers: { authorization: `Bearer ${endpoint.token}` } },
      });
      await client.connect(transport);
      const close = async () => {
        await client.close();
        await endpoint.stop();
      };
      return { client, close };
    },
  },
};

function newClient(options: ClientOptions = {}): Client {
  return new Client({ name: 'official', version: '1.0.0' }, options);
}
