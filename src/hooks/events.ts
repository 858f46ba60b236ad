/** The eight moments in an agent's life that Nexo takes part in, under the contract's names. */
export const HOOK_EVENTS = [
  'session-start',
  'user-message',
  'subagent-spawn',
  'subagent-complete',
  'pre-tool-use',
  'post-tool-use',
  'session-end',
  'context-compact',
] as const;

export type HookEventName = (typeof HOOK_EVENTS)[number];

/** Who acts. Lead is the one that talks to the person; it has no name and no gate. */
export interface ActingAgent {
  /** Role id, such as `engineer`. */
  readonly name: string;
  /** Id of this instance in its harness, when the harness tells it. */
  readonly id: string | undefined;
}

/** What a tool call does to files, as far as its harness's own tool names tell. */
export type ToolKind = 'edit' | 'read' | 'shell' | 'other';

export interface ToolUse {
  /** The name that the harness uses. */
  readonly tool: string;
  readonly input: unknown;
  readonly kind: ToolKind;
  /** Paths that the call names as its targets, absolute or relative to `cwd`. */
  readonly files: readonly string[];
}

interface EventBase {
  readonly cwd: string;
  readonly sessionId: string | undefined;
  /** Undefined for Lead. */
  readonly agent: ActingAgent | undefined;
}

/** A harness's payload, put into neutral words. Adding an event is adding a variant here. */
export type HookEvent = EventBase &
  (
    | { readonly name: 'session-start'; readonly source: 'startup' | 'resume' | 'clear' | 'compact' | 'fork' }
    | { readonly name: 'user-message'; readonly prompt: string }
    | { readonly name: 'subagent-spawn'; readonly spawned: ActingAgent }
    | {
        readonly name: 'subagent-complete';
        readonly completed: ActingAgent;
        readonly lastMessage: string | undefined;
      }
    | { readonly name: 'pre-tool-use'; readonly use: ToolUse }
    | { readonly name: 'post-tool-use'; readonly use: ToolUse; readonly failed: boolean }
    | { readonly name: 'session-end' }
    | { readonly name: 'context-compact' }
  );

export type EventOf<Name extends HookEventName> = Extract<HookEvent, { name: Name }>;

export function isHookEventName(name: string): name is HookEventName {
  return (HOOK_EVENTS as readonly string[]).includes(name);
}
