import type { Tool } from '@modelcontextprotocol/client';

import { connectServer, type ServerOptions } from '../stdio-client.ts';
import type { CallRecord, Violation } from './ledger.ts';
import { fitParams } from './operations.ts';

export interface Probe {
  readonly name: string;
  readonly version: string;
  readonly tools: ReadonlyMap<string, Tool>;
}

/** Starts the server once to see that it works and which tools it has. Throws CONFORMANCE_SERVER_FAILED. */
export async function probeServer(root: string, server: ServerOptions): Promise<Probe> {
  const caller = await connectServer({ root }, server);
  try {
    const tools = new Map((await caller.listTools()).map((tool) => [tool.name, tool] as const));
    return { ...caller.server, tools };
  } finally {
    await caller.close();
  }
}

export interface FreshWrite {
  /** From the start of the process to its acknowledged write, in milliseconds; undefined when there was none. */
  readonly elapsedMs: number | undefined;
  readonly record: CallRecord | undefined;
  readonly violations: readonly Violation[];
}

/** After everybody else is gone: can a process that knows nothing of it write? */
export async function writeFresh(root: string, server: ServerOptions, { tools }: Probe): Promise<FreshWrite> {
  const tool = 'task_add';
  const schema = tools.get(`${server.toolPrefix}${tool}`)?.inputSchema;
  if (schema === undefined) return { elapsedMs: undefined, record: undefined, violations: [] };
  const params = fitParams({ title: 'task fresh', context: 'stress' }, schema);
  const startedAt = performance.now();
  try {
    const caller = await connectServer({ root }, server, tools);
    try {
      const { failed, value, message } = await caller.call(tool, params);
      const endedAt = performance.now();
      const record: CallRecord = {
        tool,
        params,
        startedAt,
        endedAt,
        answer: failed ? 'refused' : 'acknowledged',
        value,
      };
      return failed
        ? {
            elapsedMs: undefined,
            record,
            violations: [{ kind: 'stuck', detail: `a fresh process was refused: ${message}` }],
          }
        : { elapsedMs: endedAt - startedAt, record, violations: [] };
    } finally {
      await caller.close();
    }
  } catch (error) {
    const detail = `a fresh process got no answer: ${error instanceof Error ? error.message : String(error)}`;
    return { elapsedMs: undefined, record: undefined, violations: [{ kind: 'stuck', detail }] };
  }
}
