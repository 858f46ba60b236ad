import type { ActingAgent } from './events.ts';

/** What is to happen after an event: told to the model or the person, or done to the workspace. */
export type HookEffect =
  /** Text that the model reads at this moment. */
  | { readonly kind: 'inform-model'; readonly text: string }
  /** Text for the person at the screen. */
  | { readonly kind: 'inform-person'; readonly text: string }
  /** The message or the tool call does not go through; the reason says what to do instead. */
  | { readonly kind: 'refuse'; readonly reason: string; readonly rule: string }
  /** A refusal, kept for the operator without what the call contained. */
  | {
      readonly kind: 'record-denial';
      readonly tool: string;
      readonly agent: string;
      readonly capability: string;
      readonly rule: string;
    }
  | { readonly kind: 'begin-session'; readonly keepTracker: boolean }
  | { readonly kind: 'end-session' }
  | { readonly kind: 'track-spawn'; readonly agent: ActingAgent }
  | { readonly kind: 'track-resume'; readonly agent: ActingAgent }
  | { readonly kind: 'track-complete'; readonly agent: ActingAgent; readonly lastMessage: string | undefined }
  | {
      readonly kind: 'log-tool';
      readonly tool: string;
      readonly agentId: string | undefined;
      readonly files: readonly string[];
      readonly failed: boolean;
    }
  | { readonly kind: 'count-memory-read'; readonly path: string; readonly reader: string }
  | { readonly kind: 'settle-extensions' };

/** Text from us is marked as such, so that a model can tell it from what the person wrote. */
export function notice(text: string): HookEffect {
  return { kind: 'inform-model', text: `<system-notice>\n${text}\n</system-notice>` };
}
