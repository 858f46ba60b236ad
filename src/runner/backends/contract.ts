import type { BackendSettings } from '../../home/run-settings.ts';
import type { RunEvent } from './events.ts';

export const BACKEND_NAMES = ['claude_code', 'codex', 'opencode', 'command', 'scripted'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

/** The machine as a backend sees it. Nothing is read from the process itself. */
export interface BackendPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  /** `personal/config/` of the operator's folder, where a path of a program may be saved. */
  readonly savedPaths: string;
  readonly settings: BackendSettings;
}

export type Located =
  | { readonly found: true; readonly program: readonly [string, ...string[]] }
  /** Why nothing can be started, and what to do about it. */
  | { readonly found: false; readonly reason: string; readonly hint: string };

/** What a backend says that it can do. An undefined list means that it cannot be asked. */
export interface Offer {
  readonly models: readonly OfferedModel[] | undefined;
  /** For the model that runs when none is named. */
  readonly defaultEfforts: readonly string[] | undefined;
}

export interface OfferedModel {
  readonly id: string;
  readonly efforts: readonly string[] | undefined;
}

/** A question to the backend's own program, whose output says what it offers. */
export interface OfferQuestion {
  readonly args: readonly string[];
  /** Undefined when the output is not what we know how to read. */
  parse(stdout: string): Offer | undefined;
  /** Files whose change makes an older answer worthless. */
  readonly dependsOn: readonly string[];
}

/** One attempt at a run. Empty texts leave the choice to the backend. */
export interface BackendRequest {
  readonly prompt: string;
  readonly systemPrompt: string;
  readonly cwd: string;
  readonly model: string;
  readonly effort: string;
  readonly allowedTools: readonly string[];
  /** The conversation to go on with. */
  readonly sessionId: string | undefined;
  /** A folder of this run's own, which exists and only its owner can read. */
  readonly folder: string;
  /** From 1 up. */
  readonly attempt: number;
  readonly maxTurns: number | undefined;
  readonly maxUsd: number | undefined;
  readonly extraArgs: readonly string[];
  /** A script for the scripted backend. */
  readonly script: string | undefined;
}

export interface BackendCommand {
  /** Words after the program's own. Never the prompt, which others could read in the list of processes. */
  readonly args: readonly string[];
  /** Standard input, whole. */
  readonly input: string;
  /** What this backend needs besides what is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** What was asked for and cannot be held to, for the person. */
  readonly warnings: readonly string[];
}

/** Reads a backend's output. Never throws: a line that it does not know says nothing. */
export interface StreamReader {
  line(text: string): readonly RunEvent[];
  /** After the last line; `code` is null when a signal ended it. */
  end(exit: { readonly code: number | null; readonly stderr: string }): readonly RunEvent[];
}

/**
 * One kind of agent program: all we know of it. The runner starts and ends the process, holds the limits, and keeps
 * the records; a backend only says what to start and what its words mean.
 */
export interface Backend {
  readonly name: BackendName;
  /** Whether a session can be gone on with by its id. */
  readonly resumes: boolean;
  /** Variables that it is given from our environment; `X_*` stands for all that begin so. */
  readonly environment: readonly string[];
  /** Looks, starts nothing. */
  locate(place: BackendPlace): Located;
  /** How to ask it what it offers; an `Offer` when that is known without asking. */
  offer(place: BackendPlace): OfferQuestion | Offer;
  command(request: BackendRequest, place: BackendPlace): BackendCommand;
  /** Starts a session for a person in a terminal; absent where there is none. */
  interactive?(
    request: Pick<BackendRequest, 'cwd' | 'model' | 'effort'>,
    place: BackendPlace,
  ): Pick<BackendCommand, 'args' | 'env'>;
  reader(): StreamReader;
}
