import type { Clock } from '../base/clock.ts';
import type { HomePaths } from '../home/paths.ts';
import type { RunEvent } from './backends/events.ts';
import type { AskedLimits } from './limits.ts';
import type { EndReason } from './reasons.ts';
import type { CostSource } from './tally.ts';
import type { CallerRegistry } from './tiers/callers.ts';

/** What a run needs of the world. */
export interface RunWorld {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  /** The folder of a run that names none. */
  readonly cwd: string;
  readonly clock: Clock;
  readonly registry?: CallerRegistry;
}

/** What is asked of an agent. Only `caller` and `prompt` are needed. */
export interface RunRequest extends AskedLimits {
  /** Who asks: `personal/<name>`, or a registered caller. */
  readonly caller: string;
  readonly prompt: string;
  /** Default: the operator's. */
  readonly backend?: string | undefined;
  readonly tier?: string | undefined;
  readonly userDefault?: string | undefined;
  readonly model?: string | undefined;
  readonly reasoningEffort?: string | undefined;
  readonly cwd?: string | undefined;
  /** Given to the backend as it is, beyond the listed variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly allowedTools?: readonly string[] | undefined;
  readonly appendSystemPrompt?: string | undefined;
  /** The session to go on with, as an earlier run named it. */
  readonly resume?: string | undefined;
  readonly outputFormat?: 'text' | 'json' | undefined;
  readonly extraArgs?: readonly string[] | undefined;
  /** A script for the scripted backend. */
  readonly script?: string | undefined;
  /** Further attempts where that is safe; default from the settings. */
  readonly retries?: number | undefined;
  /** Another backend when the one that was asked for is not here. Default: none; it fails. */
  readonly fallback?: string | undefined;
  /** Answers are also kept on disk, for somebody who asks later. */
  readonly keepAnswer?: boolean | undefined;
  /** The id to run under, which a queue has given out. */
  readonly id?: string | undefined;
}

export interface RunHooks {
  /** Ends the run as interrupted. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** A line for the person: a warning, what is waited for. */
  readonly onNote?: ((line: string) => void) | undefined;
  readonly onBegin?: ((run: { readonly id: string; readonly backend: string }) => void) | undefined;
}

/** How a run that was started has ended. */
export interface RunOutcome {
  readonly id: string;
  readonly caller: string;
  readonly backend: string;
  readonly status: 'ok' | 'failed';
  readonly reason: EndReason;
  /** Why it failed, a sentence; empty when it did not. */
  readonly message: string;
  readonly returncode: number;
  /** The final answer, or what there was of it. */
  readonly answer: string;
  /** Goes on with this conversation: `resume`. Null when the backend named none. */
  readonly sessionId: string | null;
  readonly tier: string;
  readonly asked: { readonly model: string; readonly effort: string };
  /** What really ran, as far as the backend says. Empty: its own choice, which it did not name. */
  readonly used: { readonly model: string; readonly effort: string };
  readonly usage: {
    readonly inputTokens: number;
    readonly cachedInputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number | null;
    readonly costSource: CostSource;
  };
  readonly turns: number;
  readonly toolCalls: number;
  readonly attempts: number;
  readonly durationMs: number;
  /** What it did, one event a line. */
  readonly eventFile: string;
  readonly warnings: readonly string[];
}
