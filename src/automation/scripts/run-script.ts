import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';

import { type ProcessResult, runProcess } from '../../base/process.ts';
import { createRedactor } from '../../base/redact.ts';
import { RotatingFile } from '../../base/rotating-file.ts';
import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { packageRoot } from '../../version.ts';
import type { ScriptEntry } from './discover.ts';
import { scriptEnvironment, secretsIn } from './environment.ts';
import { linkHelpers } from './helper-links.ts';
import { errorLineOf, RunOutput, summaryOf } from './run-output.ts';
import { commandFor, interpreterName } from './runtime.ts';

/** Exit code of a run that took too long, as the `timeout` program has it. */
export const TIMEOUT_EXIT = 124;
/** Exit code of a script that could not be started. */
export const NOT_STARTED_EXIT = 1;

const MAX_LOG_BYTES = 5 * 1024 * 1024;
const KEPT_LOGS = 3;
const TAIL_BYTES = 8 * 1024;
/** Shorter than what a stopping program itself gets, so that the end of the script is still recorded. */
const GRACE_MS = 4_000;

const { signals } = constants;

/** Where the output goes besides the record of the run. */
export type RunOutputTarget =
  /** To our own streams, as it comes. */
  | 'inherit'
  | { readonly stdout: Writable; readonly stderr: Writable }
  /** Into files that rotate, without secrets. */
  | { readonly stdoutLog: string; readonly stderrLog: string };

export interface RunOptions {
  readonly entry: Pick<ScriptEntry, 'name' | 'path' | 'runtime' | 'firstLine'>;
  readonly args?: readonly string[];
  /** Environment of the script; what the helper library needs is added. */
  readonly env: NodeJS.ProcessEnv;
  readonly paths: HomePaths;
  /** Longest time it may run; undefined for no limit of its own. */
  readonly timeoutMs?: number;
  /** Ends it, with all it has started, when it aborts. */
  readonly signal?: AbortSignal;
  readonly output: RunOutputTarget;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly graceMs?: number;
  /** Told the id of its process as soon as there is one. */
  readonly onStart?: (pid: number) => void;
  /** Default: where the script lies. */
  readonly cwd?: string;
  /** Whether it reads our standard input; default for `inherit`, else it has none. */
  readonly stdin?: 'inherit' | 'none';
  readonly secrets?: readonly string[];
}

export interface RunResult {
  /** 124 after a timeout, 128 plus its number after a signal, 1 when it could not be started. */
  readonly exitCode: number;
  /** The signal that ended it, ours or somebody else's. */
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  /** True when the caller's signal ended it. */
  readonly aborted: boolean;
  readonly durationMs: number;
  /** Last line that says something, without secrets, at most 500 characters. */
  readonly summary: string;
  /** Why it failed, in one line; empty after exit code 0. */
  readonly error: string;
  /** The end of its output, without secrets. */
  readonly outputTail: string;
  readonly outputTruncated: boolean;
  /** Why it could not be started at all. */
  readonly failure?: NexoError;
}

/**
 * Runs a script to its end and the end of all it started. It never throws for what the script does, nor when its
 * interpreter is missing: both are results. After the timeout or an abort its process group gets SIGTERM, and SIGKILL
 * when the grace period is over.
 */
export async function runScript(options: RunOptions): Promise<RunResult> {
  const { entry, paths, output } = options;
  const env = scriptEnvironment(options.env, {
    paths,
    code: packageRoot(),
    node: process.execPath,
    script: entry,
  });
  const logs = openLogs(output);
  const captured = new RunOutput({
    redact: createRedactor([...secretsIn(env), ...(options.secrets ?? [])]),
    tailBytes: TAIL_BYTES,
    logs,
  });
  const startedAt = performance.now();
  const ran = await attempt(options, env, captured);
  captured.end();
  const durationMs = Math.round(performance.now() - startedAt);
  const { text, truncated } = captured.tail();
  return {
    ...toEnd(ran),
    durationMs,
    summary: summaryOf(text),
    error: errorOf(ran, options, text),
    outputTail: text,
    outputTruncated: truncated,
    ...('failure' in ran && { failure: ran.failure }),
  };
}

type Ran = ProcessResult | { readonly failure: NexoError } | { readonly aborted: true };

async function attempt(options: RunOptions, env: NodeJS.ProcessEnv, captured: RunOutput): Promise<Ran> {
  const { entry, args = [], output, signal, paths } = options;
  const command = commandFor(entry, {
    searchPath: env.PATH,
    node: process.execPath,
    nodeVersion: process.versions.node,
  });
  if (command === undefined) return { failure: noInterpreter(entry) };
  linkHelpers(paths, packageRoot());
  const streams = streamsOf(output);
  const readsOurs = (options.stdin ?? (output === 'inherit' ? 'inherit' : 'none')) === 'inherit';
  try {
    return await runProcess(command.file, [...command.args, ...args], {
      cwd: options.cwd ?? dirname(entry.path),
      env,
      timeoutMs: options.timeoutMs ?? Number.MAX_SAFE_INTEGER,
      graceMs: options.graceMs ?? GRACE_MS,
      maxOutputBytes: 1,
      ...(signal !== undefined && { signal }),
      ...(options.onStart !== undefined && { onStart: options.onStart }),
      ...(readsOurs && { stdin: 'inherit' as const }),
      onOutput: (stream, chunk) => {
        captured.add(stream, chunk);
        return streams === undefined ? undefined : pass(chunk, streams[stream]);
      },
    });
  } catch (error) {
    if (signal?.aborted === true) return { aborted: true };
    if (error instanceof NexoError) return { failure: error };
    throw error;
  }
}

function toEnd(ran: Ran): Pick<RunResult, 'exitCode' | 'signal' | 'timedOut' | 'aborted'> {
  if ('failure' in ran) return { exitCode: NOT_STARTED_EXIT, signal: null, timedOut: false, aborted: false };
  if ('aborted' in ran) {
    return { exitCode: 128 + signals.SIGTERM, signal: 'SIGTERM', timedOut: false, aborted: true };
  }
  const { code, signal, timedOut } = ran;
  const ended = code ?? 128 + (signal === null ? 0 : signals[signal]);
  return { exitCode: timedOut ? TIMEOUT_EXIT : ended, signal, timedOut, aborted: false };
}

function errorOf(ran: Ran, { timeoutMs = 0 }: RunOptions, tail: string): string {
  if ('failure' in ran) return ran.failure.message;
  if ('aborted' in ran) return 'Stopped by SIGTERM before it was done.';
  if (ran.timedOut) return `Stopped after its time limit of ${timeoutMs / 1000} s.`;
  if (ran.signal !== null) return `Ended by ${ran.signal}.`;
  return ran.code === 0 ? '' : errorLineOf(tail) || `Ended with exit code ${ran.code}.`;
}

function noInterpreter({ name, runtime, path }: RunOptions['entry']): NexoError {
  return runtime === 'unknown'
    ? new NexoError('SCRIPT_RUNTIME_MISSING', `Nobody says what runs ${path}, and it is not executable.`, {
        hint: 'Add a line "# nexo: runtime=python" (or shell, node, php) to its first 25 lines.',
        data: { path },
      })
    : new NexoError(
        'SCRIPT_RUNTIME_MISSING',
        `"${name}" needs ${interpreterName(runtime)}, which is not in PATH.`,
        { hint: `Install ${interpreterName(runtime)}, or add its folder to PATH.`, data: { path, runtime } },
      );
}

function openLogs(target: RunOutputTarget): Partial<Record<'stdout' | 'stderr', RotatingFile>> {
  if (target === 'inherit' || !('stdoutLog' in target)) return {};
  const open = (path: string): RotatingFile =>
    new RotatingFile({ path, maxBytes: MAX_LOG_BYTES, keep: KEPT_LOGS });
  return { stdout: open(target.stdoutLog), stderr: open(target.stderrLog) };
}

function streamsOf(target: RunOutputTarget): Readonly<Record<'stdout' | 'stderr', Writable>> | undefined {
  if (target === 'inherit') return process;
  return 'stdout' in target ? target : undefined;
}

/** Hands a piece on, and waits when the reader is slower than the script. */
function pass(chunk: Buffer, stream: Writable): Promise<void> | undefined {
  if (stream.destroyed || stream.write(chunk)) return undefined;
  return new Promise((resolve) => {
    const goOn = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, goOn);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, goOn);
  });
}
