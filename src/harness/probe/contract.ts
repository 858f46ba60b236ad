import type { ClientPlace } from './client-place.ts';

/** How one client is pointed at a scripted model and started without a person. */
export interface ProbeClient {
  readonly harness: 'codex' | 'opencode';
  /** Writes what a user's own configuration would hold: the provider, and nothing that calls home. */
  configure(place: ClientPlace, address: string): void;
  /** Words after the program, and what this client needs in its environment besides the place's. */
  start(
    place: ClientPlace,
    prompt: string,
    options: StartOptions,
  ): { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv };
}

export interface StartOptions {
  /** Lets hooks run that nobody has trusted yet; only Codex asks for trust. */
  readonly trustHooks: boolean;
}
