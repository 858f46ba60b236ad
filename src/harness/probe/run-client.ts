import { type ProcessResult, runProcess } from '../../base/process.ts';
import type { ClientPlace } from './client-place.ts';
import type { ProbeClient } from './contract.ts';

export interface ClientRun {
  readonly client: ProbeClient;
  /** Words that start the client. */
  readonly program: readonly string[];
  readonly place: ClientPlace;
  readonly prompt: string;
  readonly trustHooks?: boolean;
  /** Added to the client's environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Far above the few seconds that a run takes: a busy machine must not look like a broken client. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** Runs a client for one prompt, without a person and without input, to its end. */
export function runClient(run: ClientRun): Promise<ProcessResult> {
  const { client, place, prompt } = run;
  const [file = '', ...words] = run.program;
  const { args, env } = client.start(place, prompt, { trustHooks: run.trustHooks ?? true });
  return runProcess(file, [...words, ...args], {
    cwd: place.project,
    env: { ...place.env, ...env, ...run.env },
    timeoutMs: run.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxOutputBytes: 8 * 1024 * 1024,
  });
}
