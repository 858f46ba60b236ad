import type { Tool } from '@modelcontextprotocol/server';

import { FAULT, ProtocolFault } from './protocol.ts';
import type { ServerTool, ToolSource, ToolWorld } from './server-tool.ts';
import type { Toolset } from './toolsets.ts';

/** Where tools come from, opened for one server. */
type OpenSource = (place: ToolPlace) => Promise<ToolSource>;

/** What sources may want to know before any tool is called. */
export interface ToolPlace extends Pick<ToolWorld, 'home' | 'env' | 'log'> {
  /** `once`: one call and no more, so nothing is watched, and every tool is waited for. Default `server`. */
  readonly use?: 'server' | 'once';
}

/** Where the tools of each set come from. Loaded when the set is asked for. */
const SOURCES: Readonly<Record<Toolset, readonly OpenSource[]>> = {
  workspace: [async () => (await import('./tools/workspace.ts')).workspaceTools],
  home: [
    async () => (await import('./tools/home.ts')).homeTools,
    async (place) => (await import('./tools/plugin-tools.ts')).openPluginTools(place),
  ],
};

/** Every tool that one server offers. */
export class Toolbox {
  readonly #sources: Promise<readonly ToolSource[]>;

  /** `onListChanged` is told whenever `list` would answer otherwise. */
  constructor(toolsets: readonly Toolset[], place: ToolPlace, onListChanged: () => void = () => undefined) {
    this.#sources = openSources(
      toolsets.flatMap((toolset) => SOURCES[toolset]),
      place,
      onListChanged,
    );
  }

  /** The tools as clients see them, always in the same order. */
  async list(): Promise<readonly Tool[]> {
    return (await this.#tools()).map(({ definition }) => definition);
  }

  /** The tool that clients call `name`. Throws a ProtocolFault when there is none. */
  async find(name: string): Promise<ServerTool> {
    const named = ({ definition }: ServerTool): boolean => definition.name === name;
    let tools = await this.#tools();
    if (!tools.some(named)) {
      for (const source of await this.#sources) await source.settled?.();
      tools = await this.#tools();
    }
    const tool = tools.find(named);
    if (tool !== undefined) return tool;
    const known = tools.map(({ definition }) => definition.name).join(', ');
    throw new ProtocolFault(FAULT.invalidParams, `Unknown tool: ${name.slice(0, 80)}. There are: ${known}`);
  }

  /** Ends what the sources have running. */
  async close(): Promise<void> {
    for (const source of await this.#sources) await source.close?.();
  }

  async #tools(): Promise<readonly ServerTool[]> {
    return (await Promise.all((await this.#sources).map((source) => source.tools()))).flat();
  }
}

async function openSources(
  openers: readonly OpenSource[],
  place: ToolPlace,
  onListChanged: () => void,
): Promise<readonly ToolSource[]> {
  const sources = await Promise.all(openers.map((open) => open(place)));
  for (const source of sources) source.onChange?.(onListChanged);
  return sources;
}
