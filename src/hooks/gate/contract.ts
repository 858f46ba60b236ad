/** The harnesses whose tool names the gate knows. */
export type GateHarness = 'claude' | 'codex' | 'opencode';

/** One tool call of an agent, as its harness announces it. */
export interface ToolCall {
  readonly harness: GateHarness;
  readonly tool: string;
  readonly input: unknown;
  /** Role id of the acting agent. */
  readonly agent: string;
  /** Effective capabilities; the empty set is an agent without a gate. */
  readonly capabilities: ReadonlySet<string>;
  /** Absolute, as are `cwd` and `home`. */
  readonly workspaceRoot: string;
  readonly cwd: string;
  readonly home: string;
  /** Further files and folders that configure the gate, absolute. */
  readonly gateFiles?: readonly string[];
  /** Agents that are under the gate too, with their effective capabilities: those may be started, if no freer. */
  readonly knownAgents?: ReadonlyMap<string, ReadonlySet<string>>;
  /** What the server of an MCP tool says of it. */
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };
}

export type GateDecision =
  | { readonly decision: 'allow' }
  | {
      readonly decision: 'deny';
      /** The capability that takes this away, or `any` for what no gated agent may do. */
      readonly capability: string;
      /** Stable name of the rule, in kebab case. */
      readonly rule: string;
      /** One or two sentences for the model, ending in what to do instead. */
      readonly reason: string;
    };

export type PathKind = 'directory' | 'link' | 'other' | 'missing';

/** What the gate asks of the file system. It only looks; nothing here throws. */
export interface GateWorld {
  kindOf(path: string): PathKind;
  /** Text of a symbolic link; undefined when it cannot be read. */
  readLink(path: string): string | undefined;
}

/** `any` stands for a use that touches every one of them: talking to the server without its tools. */
export type TaskAction = 'create' | 'update' | 'close' | 'any';

/** What a call would do, before asking whether the agent may. */
export type Effect =
  | {
      readonly kind: 'write';
      readonly rule: string;
      /** In words, for the reason: `rm deletes files`. */
      readonly how: string;
      /** Target with unknown parts marked; undefined when the call does not name one. */
      readonly path?: string;
      /** Directories that a relative path may count from; undefined when unknown. */
      readonly from?: readonly string[];
      /** Takes everything below the target along. */
      readonly recursive?: boolean;
    }
  | {
      /** Cannot be determined. `text` is searched for the names of protected files. */
      readonly kind: 'unknown';
      readonly rule: string;
      readonly how: string;
      readonly text?: string;
    }
  | { readonly kind: 'shell'; readonly rule: string; readonly how: string }
  | { readonly kind: 'task'; readonly action: TaskAction; readonly rule: string; readonly how: string }
  /** Starts or continues an agent. `target` is its role, when it runs inside the harness and under its hooks. */
  | { readonly kind: 'agent'; readonly rule: string; readonly how: string; readonly target?: string }
  | { readonly kind: 'question'; readonly rule: string; readonly how: string }
  /** Changes how the gate is set up. */
  | { readonly kind: 'gate'; readonly rule: string; readonly how: string }
  /** Cannot be read at all: refused for every gated agent. */
  | { readonly kind: 'malformed'; readonly rule: string; readonly how: string };
