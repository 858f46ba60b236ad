/**
 * For authors of plugins; they import `nexo/plugin`. A plugin is a module in `personal/plugins` that exports `tools`,
 * and may export `plugin`. Everything here is types, but for `definePlugin` and the test kit.
 */

/** What a tool is given besides its input. */
export interface PluginCallContext {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** JSON Schema of an object. */
export type PluginSchema = Readonly<Record<string, unknown>>;

export interface PluginTool {
  /** The whole name, as clients see it: `nexo_`, then a-z, 0-9 and _. */
  readonly name: string;
  /** What people see. */
  readonly title?: string;
  /** What a model reads to decide whether to call it. */
  readonly description: string;
  /** Input that does not fit never reaches the handler. Default: any object. */
  readonly inputSchema?: PluginSchema;
  /** An answer that does not fit never reaches a client. */
  readonly outputSchema?: PluginSchema;
  /** Hints as in MCP. Without them a tool is taken to change things; `readOnlyHint` says that it only looks. */
  readonly annotations?: Readonly<Record<string, unknown>>;
  /**
   * Does the work. An object is the answer; text is too, and text that is a JSON object counts as that. For input that
   * makes no sense, answer `{ ok: false, error: '…' }`.
   */
  handler(input: Readonly<Record<string, unknown>>, context: PluginCallContext): unknown;
}

/** `[handler, name, description]`: a tool that takes any object. */
export type PluginTriple = readonly [handler: PluginTool['handler'], name: string, description: string];

/** What a plugin says about itself. */
export interface PluginDeclaration {
  /** Variables of the environment that it may see. Read them in handlers: while the tools are listed, they are not there. */
  readonly env?: readonly string[];
  /** File name of the plugin of Nexo itself in whose place it stands; has to be its own. */
  readonly overrides?: string;
  /** File name of the personal script that belongs to it. */
  readonly companion?: string;
  /** Seconds that a call may take; 30 unless said. */
  readonly timeout?: number;
  /** MiB of memory for its processes; 512 unless said. */
  readonly memory?: number;
}

export interface PluginModule {
  readonly plugin?: PluginDeclaration;
  readonly tools: readonly (PluginTool | PluginTriple)[];
}

/** Gives an editor the types: `export const { plugin, tools } = definePlugin({ … })`. */
export function definePlugin<const M extends PluginModule>(module: M): M {
  return module;
}

/** A plugin that runs for a test, in a process of its own as under a server. */
export interface TestedPlugin {
  /** As clients are told of them. */
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: PluginSchema;
    readonly outputSchema?: PluginSchema | undefined;
  }[];
  /** Calls one tool under the limits of a server: input and answer are held against their schemas. */
  call(tool: string, input?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  /** Ends its process. */
  close(): Promise<void>;
}

export interface TestOptions {
  /** The environment of the test; the plugin sees of it what it declares. Default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Beginnings that names of tools may have, besides `nexo_`. */
  readonly prefixes?: readonly string[];
}

/** Loads a plugin file of any kind in the real host. Rejects with what is wrong with it. Close it in the end. */
export async function testPlugin(file: string, options: TestOptions = {}): Promise<TestedPlugin> {
  const kit = await import('./plugins/test-kit.ts');
  return kit.testPlugin(file, options);
}
