/** What a plugin is written in: a module for Node, a module for Python, or an MCP server that a manifest names. */
export type PluginKind = 'node' | 'python' | 'mcp';

export type JsonObject = Readonly<Record<string, unknown>>;

/** One tool as its plugin declares it. */
export interface PluginTool {
  /** The whole name, as clients see it. */
  readonly name: string;
  readonly title?: string | undefined;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: JsonObject;
  /** JSON Schema of what it answers with; what does not fit it never reaches a client. */
  readonly outputSchema?: JsonObject | undefined;
  /** Hints as in MCP: `readOnlyHint` and its kin. */
  readonly annotations?: JsonObject | undefined;
}

/** What a plugin says about itself besides its tools. */
export interface PluginDeclaration {
  /** Variables of the environment that it may see. */
  readonly env: readonly string[];
  /** The core plugin, by file name, in whose place it wants to stand. */
  readonly overrides: string | undefined;
  /** The personal script that does the part of its work which is local automation. */
  readonly companion: string | undefined;
  /** How long a call may take, in milliseconds. */
  readonly callMs: number | undefined;
  /** How much memory its processes may have, in bytes. */
  readonly memoryBytes: number | undefined;
}

/** What became known by running a plugin. */
export interface LoadedPlugin {
  readonly tools: readonly PluginTool[];
  readonly declared: PluginDeclaration;
}

/** What is to be run, and within which bounds. */
export interface PluginSource {
  readonly kind: PluginKind;
  /** File name in the plugins folder; how people call it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
}

export interface PluginLimits {
  /** From the start of the process until its tools are known. */
  readonly loadMs: number;
  readonly callMs: number;
  /** Of everything in its process group together. */
  readonly memoryBytes: number;
  readonly maxResultBytes: number;
  /** How long a process without work is kept. */
  readonly idleMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: PluginLimits = {
  loadMs: 10_000,
  callMs: 30_000,
  memoryBytes: 512 * MIB,
  maxResultBytes: 8 * MIB,
  idleMs: 5 * 60_000,
};

/**
 * One plugin behind one door, whatever it is written in. Its process starts with the first call, ends when nothing is
 * asked of it for a while, and is started anew when it ended in the middle.
 */
export interface PluginHost {
  /** Whether a process of it lives. */
  readonly isRunning: boolean;
  /**
   * Runs the plugin in a process of its own, which has ended by then, to learn its tools.
   * Throws PLUGIN_LOAD_FAILED.
   */
  learn(): Promise<LoadedPlugin>;
  /**
   * Calls one tool and answers with what it answered, as JSON. `input` has been checked.
   * Throws PLUGIN_LOAD_FAILED, PLUGIN_TOOL_FAILED, PLUGIN_TIMEOUT, PLUGIN_CRASHED, PLUGIN_RESULT_TOO_LARGE, PLUGIN_BUSY.
   */
  call(tool: string, input: JsonObject): Promise<unknown>;
  /** Takes no more calls; the process ends when those under way have ended. */
  retire(): void;
  /** Ends the process at once; calls under way fail. Resolves when the process is gone. */
  close(): Promise<void>;
}

/** One started process that speaks for a plugin. Ends with its process; never throws on its own. */
export interface PluginConnection {
  /** Resolves once, when the tools are known. */
  readonly loaded: Promise<LoadedPlugin>;
  /** Rejects with a NexoError when the tool failed. */
  call(tool: string, input: JsonObject, signal: AbortSignal): Promise<unknown>;
}
