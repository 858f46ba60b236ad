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
