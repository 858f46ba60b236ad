import { NexoError } from '../errors.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Launch } from './project.ts';
import { ProtocolFault } from './protocol.ts';
import { Toolbox } from './toolbox.ts';
import { TOOLSETS } from './toolsets.ts';
import { createWorld } from './world.ts';

export interface ToolCall {
  /** The whole name, as clients see it: `nx_task_list`, `nexo_doctor`. */
  readonly name: string;
  /** The arguments as JSON. */
  readonly input: string;
  readonly launch: Launch;
  readonly workspace: () => Promise<Workspace>;
  readonly log: (line: string) => void;
}

/**
 * Calls one tool in this process, as a server would, and answers with its result. Every toolset can be reached.
 * Throws TOOL_UNKNOWN, TOOL_INPUT_INVALID, TOOL_FAILED.
 */
export async function callTool({
  name,
  input,
  launch,
  workspace,
  log,
}: ToolCall): Promise<Record<string, unknown>> {
  const payload = parsePayload(name, input);
  const world = createWorld(launch, workspace, log);
  const toolbox = new Toolbox(TOOLSETS, { ...world, use: 'once' });
  try {
    const tool = await toolbox.find(name);
    const { value, isError } = await tool.call(world, payload);
    if (!isError) return value;
    throw new NexoError('TOOL_FAILED', `${name}: ${String(value.error)}`, { data: { tool: name } });
  } catch (error) {
    if (!(error instanceof ProtocolFault)) throw error;
    throw new NexoError('TOOL_UNKNOWN', error.message, { data: { tool: name }, cause: error });
  } finally {
    await toolbox.close();
  }
}

function parsePayload(name: string, input: string): unknown {
  const invalid = (why: string, cause?: unknown): NexoError =>
    new NexoError('TOOL_INPUT_INVALID', `The input of ${name} ${why}.`, {
      hint: `For example: --input '{"limit": 5}'`,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch (error) {
    throw invalid(`is no JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('has to be an object');
  return value;
}
