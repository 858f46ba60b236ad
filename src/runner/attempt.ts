import { constants } from 'node:os';

import { endMarkedProcesses } from '../base/marked-processes.ts';
import { type ProcessResult, runProcess } from '../base/process.ts';
import { NexoError } from '../errors.ts';
import type { Backend, BackendCommand } from './backends/contract.ts';
import type { RunEvent } from './backends/events.ts';
import { RUN_ID_VARIABLE } from './environment.ts';
import { LineSplitter } from './line-splitter.ts';
import { type Stop, Watchdog } from './stop.ts';

export interface AttemptOptions {
  readonly backend: Backend;
  readonly program: readonly [string, ...string[]];
  readonly command: BackendCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly runId: string;
  readonly wallMs: number;
  readonly silenceMs: number;
  /** Ends the attempt; the attempt itself uses it for its two time limits. */
  readonly stop: Stop;
  readonly onStart: (pid: number) => void;
  /** Given each event as it comes. Must not throw. */
  readonly onEvent: (event: RunEvent) => void;
}

/** From being asked to end to being ended, in milliseconds. */
const GRACE_MS = 2_000;
/** How much of what a backend says on standard error is kept: where it tells what is wrong. */
const STDERR_BYTES = 64 * 1024;

/**
 * Starts the backend once and goes with it to its end. When this returns, nothing that it started is left: neither in
 * its process group nor, where the system lets us look, outside of it. Returns the exit code; null when it was ended.
 * Throws BACKEND_UNAVAILABLE when it cannot be started.
 */
export async function runAttempt(options: AttemptOptions): Promise<number | null> {
  const { backend, program, command, stop, onEvent } = options;
  const [file, ...words] = program;
  const reader = backend.reader();
  const tell = (events: readonly RunEvent[]): void => events.forEach(onEvent);
  const lines = new LineSplitter(
    (line) => tell(reader.line(line)),
    () => onEvent({ kind: 'warning', message: 'A line of the backend was too long to be read.' }),
  );
  const silence = new Watchdog(options.silenceMs, () => stop.now('silence'));
  const wall = new Watchdog(options.wallMs, () => stop.now('wall_clock'));
  const startedAt = performance.now();
  let leader: number | undefined;
  let ended: ProcessResult | undefined;
  try {
    ended = await runProcess(file, [...words, ...command.args], {
      cwd: options.cwd,
      env: { ...options.env },
      input: command.input,
      // The watchdog above ends it first, with its reason; this is for a clock that is held up.
      timeoutMs: options.wallMs + 60_000,
      signal: stop.signal,
      graceMs: GRACE_MS,
      maxOutputBytes: STDERR_BYTES,
      onStart: (pid) => {
        leader = pid;
        options.onStart(pid);
      },
      onOutput: (stream, chunk) => {
        silence.feed();
        if (stream === 'stdout') lines.add(chunk);
        return undefined;
      },
    });
  } catch (error) {
    if (stop.reason === undefined) throw asUnavailable(error, backend.name);
  } finally {
    silence.end();
    wall.end();
    const startedBy = leader === undefined ? undefined : { pid: leader, ms: performance.now() - startedAt };
    await endMarkedProcesses(RUN_ID_VARIABLE, options.runId, GRACE_MS, startedBy);
  }
  lines.end();
  const code = ended === undefined ? null : exitCodeOf(ended);
  // A backend that was ended may say why it thinks so; our reason counts.
  if (stop.reason === undefined) tell(reader.end({ code, stderr: ended?.stderr ?? '' }));
  return code;
}

/** As a shell has it: a signal is 128 and its number. */
function exitCodeOf({ code, signal }: ProcessResult): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function asUnavailable(error: unknown, backend: string): unknown {
  if (!(error instanceof NexoError) || error.code !== 'PROCESS_FAILED') return error;
  return new NexoError('BACKEND_UNAVAILABLE', `The backend ${backend} cannot be started: ${error.message}`, {
    hint: error.hint ?? 'nexo backends shows what there is.',
    data: { backend },
    cause: error,
  });
}
