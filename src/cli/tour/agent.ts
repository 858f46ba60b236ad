import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { NexoError } from '../../errors.ts';
import { nexoVersion } from '../../version.ts';

/** An agent as far as the workspace can tell: an MCP client with a server process of its own. */
export interface Agent {
  readonly name: string;
  readonly pid: number;
  readonly server: { readonly name: string; readonly version: string };
  readonly tools: readonly string[];
  /** The tool's answer. Throws TOUR_FAILED when the tool refuses. */
  call(tool: string, input: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface AgentOptions {
  readonly name: string;
  /** The `nexo` file to start the server from. */
  readonly program: string;
  readonly root: string;
  readonly nexoHome: string;
  readonly signal: AbortSignal;
}

/** Starts `nexo mcp` for the project at `root` and connects the official MCP client to it. */
export async function connectAgent({ name, program, root, nexoHome, signal }: AgentOptions): Promise<Agent> {
  const client = new Client({ name, version: nexoVersion() });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...process.execArgv, program, 'mcp', '--root', root],
    env: { ...getDefaultEnvironment(), NEXO_HOME: nexoHome },
    cwd: root,
    stderr: 'inherit',
  });
  await client.connect(transport, { signal });
  const { tools } = await client.listTools(undefined, { signal });
  return {
    name,
    pid: transport.pid ?? 0,
    server: client.getServerVersion() ?? { name: '', version: '' },
    tools: tools.map((tool) => tool.name),
    call: async (tool, input) => {
      const { structuredContent, isError } = await client.callTool(
        { name: tool, arguments: input },
        { signal },
      );
      const answer = toRecord(structuredContent);
      if (isError === true) {
        throw new NexoError('TOUR_FAILED', `${tool} refused: ${JSON.stringify(answer.error)}.`, {
          data: { tool },
        });
      }
      return answer;
    },
    close: () => client.close(),
  };
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
