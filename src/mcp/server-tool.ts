import type { Tool } from '@modelcontextprotocol/server';

import type { HomePaths } from '../home/paths.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** What a tool may use. Everything is asked for when it is needed: many tools have no project. */
export interface ToolWorld {
  /** Throws PROJECT_ROOT_AMBIGUOUS or PROJECT_ROOT_MISSING. */
  workspace(): Promise<Workspace>;
  readonly home: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly cwd: string;
  /** A line for the person who looks after the server. */
  readonly log: (line: string) => void;
}

/** What a tool call came to. `json` is `value` as text, made once; both go to the client. */
export interface ToolAnswer {
  readonly json: string;
  readonly value: Record<string, unknown>;
  readonly isError: boolean;
  /** Root of the workspace in use; undefined while none is. */
  readonly workspace: string | undefined;
  /** What the answer does not show: the file that it comes from cannot be understood. */
  readonly warning?: string | undefined;
}

/** One tool as the server offers it, wherever it comes from. */
export interface ServerTool {
  /** As clients see it; its name is the whole one, prefix included. */
  readonly definition: Tool;
  /** Reading tools run side by side, others one after the other. */
  readonly isReadOnly: boolean;
  /** What a model can act on, bad arguments included, is an answer; anything else is thrown. */
  call(world: ToolWorld, input: unknown): Promise<ToolAnswer>;
}

/** Tools that come from one place, and may come and go while the server runs. */
export interface ToolSource {
  /** In an order that does not change without need: clients cache by it. */
  tools(): Promise<readonly ServerTool[]>;
  /** Waits for tools that `tools` did not wait for; asked when a tool is called that is not there. */
  settled?(): Promise<void>;
  /** Calls `listener` whenever `tools` would answer otherwise. */
  onChange?(listener: () => void): void;
  close?(): Promise<void>;
}

export function toToolAnswer(result: object, about: Omit<ToolAnswer, 'json' | 'value'>): ToolAnswer {
  const value: Record<string, unknown> = { ...result };
  return { json: JSON.stringify(value), value, ...about };
}
