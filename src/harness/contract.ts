import type { HookReply } from '../hooks/apply.ts';
import type { HookEvent, HookEventName } from '../hooks/events.ts';

export const HARNESS_NAMES = ['claude', 'codex', 'opencode'] as const;
export type HarnessName = (typeof HARNESS_NAMES)[number];

/** What a hook process prints and how it ends: the only language that a harness understands. */
export interface HookOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A payload as it came: JSON that nobody has checked yet, but an object. */
export type HookPayload = Readonly<Record<string, unknown>>;

/**
 * How one harness talks to hooks. Both functions are pure. `parseEvent` throws PayloadFault for a payload that cannot
 * be understood and returns undefined for one that is not for us; `renderReply` uses only fields that the harness knows
 * for that event: some drop a whole answer for one unknown field.
 */
export interface HarnessHooks {
  parseEvent(name: HookEventName, payload: HookPayload, environment: HookEnvironment): HookEvent | undefined;
  renderReply(name: HookEventName, payload: HookPayload, reply: HookReply): HookOutput;
}

/** What the process that was started for the hook knows besides its payload. */
export interface HookEnvironment {
  readonly cwd: string;
  /** `NEXO_AGENT`: who acts, when the payload does not say. */
  readonly agent: string | undefined;
}

/** The payload cannot be understood; `message` says why in a few words. */
export class PayloadFault extends Error {
  override name = 'PayloadFault';
}

export const SILENCE: HookOutput = { stdout: '', stderr: '', exitCode: 0 };

/** A refusal that every harness honours: exit code 2 with the reason on standard error, and the same as JSON. */
export function refusal(reason: string, json: object): HookOutput {
  return { stdout: `${JSON.stringify(json)}\n`, stderr: `${reason}\n`, exitCode: 2 };
}

export function answer(json: object): HookOutput {
  return {
    stdout: Object.keys(json).length === 0 ? '' : `${JSON.stringify(json)}\n`,
    stderr: '',
    exitCode: 0,
  };
}
