import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

import { NexoError, systemErrorCode } from '../errors.ts';
import { OutputTail } from './output-tail.ts';
import { disownGroup, ownGroup, signalGroup } from './process-group.ts';

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment of the process, nothing is added to it. Default: our own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input, which is closed then. Default: nothing to read. */
  readonly input?: string | Uint8Array;
  /** `inherit`: it reads our own standard input. Not together with `input`. */
  readonly stdin?: 'inherit';
  /**
   * Told of every piece of output as it comes. While the promise that it returns is open, the stream waits, and so
   * does the program once the pipe is full.
   */
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void> | undefined;
  /** Told the id of the process, which is its group's too, as soon as there is one. */
  readonly onStart?: (pid: number) => void;
  /** Ends the process group after this time. Required: every wait has an end. */
  readonly timeoutMs: number;
  /** Ends the process group when it aborts. */
  readonly signal?: AbortSignal;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly graceMs?: number;
  /** How much of each stream is kept, in bytes: the end of it, where errors are told. */
  readonly maxOutputBytes?: number;
}

export interface ProcessResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True when the beginning of a stream is missing because it was longer than `maxOutputBytes`. */
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

const DEFAULT_GRACE_MS = 2_000;
const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
/** Longest delay that a timer can hold, in milliseconds; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How much of a program's last words goes into a message, in characters. */
const MAX_REASON = 500;
/** How often we look whether the rest of a group is gone: the system reports only the end of the leader. */
const GROUP_POLL_MS = 20;

/**
 * Runs a program, without a shell, as the leader of a process group, to its end and the end of that group: nothing
 * that it started stays behind, unless it left the group on purpose. A non-zero exit code and a timeout are results
 * here; `runProcessOrThrow` makes them errors.
 * Throws PROCESS_FAILED when the program cannot be started. When `signal` aborts, throws its reason once the group
 * is gone.
 */
export async function runProcess(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  options.signal?.throwIfAborted();
  const { graceMs = DEFAULT_GRACE_MS, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = options;
  const child = start(file, args, options);
  const stdout = new OutputTail(maxOutputBytes);
  const stderr = new OutputTail(maxOutputBytes);
  const told = [
    listen(child, child.stdout, stdout, (chunk) => options.onOutput?.('stdout', chunk)),
    listen(child, child.stderr, stderr, (chunk) => options.onOutput?.('stderr', chunk)),
  ];
  // A program that does not read its input is not a failure; its exit code tells.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input);

  const ended = new Promise<Pick<ProcessResult, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', (error) => {
      // Later errors are about signals that found nobody.
      if (child.pid === undefined) reject(notStarted(file, options, error));
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = child;
  if (pid === undefined) return ended as Promise<never>;

  ownGroup(pid);
  options.onStart?.(pid);
  const endsBy = performance.now() + options.timeoutMs;
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalGroup(pid, 'SIGTERM');
    killTimer ??= setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  };
  const timeout = setTimeout(
    () => {
      timedOut = true;
      stop();
    },
    Math.min(options.timeoutMs, MAX_TIMER_MS),
  );
  options.signal?.addEventListener('abort', stop);
  try {
    const end = await ended;
    clearTimeout(timeout);
    await endGroup(pid, graceMs);
    // Whoever left the group may hold the pipes open for ever; what the program itself wrote is read long before,
    // unless whoever is told of it is slow, and then its time is the program's.
    await withinTime(closed, graceMs);
    for (const wait of told)
      await withinTime(wait(), Math.max(endsBy - performance.now(), 0), options.signal);
    options.signal?.throwIfAborted();
    const truncated = stdout.truncated || stderr.truncated;
    return { ...end, stdout: stdout.text(), stderr: stderr.text(), truncated, timedOut };
  } finally {
    clearTimeout(timeout);
    clearTimeout(killTimer);
    options.signal?.removeEventListener('abort', stop);
    child.stdout?.destroy();
    child.stderr?.destroy();
    disownGroup(pid);
  }
}

/** As `runProcess`, but any end other than exit code 0 throws: PROCESS_TIMEOUT or PROCESS_FAILED. */
export async function runProcessOrThrow(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const result = await runProcess(file, args, options);
  const { code, signal, timedOut } = result;
  const data = { file, code, signal };
  if (timedOut) {
    throw new NexoError('PROCESS_TIMEOUT', `${file} did not end within ${options.timeoutMs} ms.`, { data });
  }
  if (code === 0) return result;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const lastLine = (result.stderr.trim().split('\n').at(-1) ?? '').slice(0, MAX_REASON);
  throw new NexoError('PROCESS_FAILED', `${file} ended with ${how}${lastLine && `: ${lastLine}`}`, { data });
}

function start(file: string, args: readonly string[], options: ProcessOptions): ChildProcess {
  try {
    return spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.stdin ?? (options.input === undefined ? 'ignore' : 'pipe'), 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    // Thrown at once for what no program can be given, such as a NUL in an argument or too many of them.
    throw notStarted(file, options, error);
  }
}

/** Answers with a function that waits until all is told. */
function listen(
  child: ChildProcess,
  stream: Readable | null,
  tail: OutputTail,
  tell: (chunk: Buffer) => Promise<void> | undefined,
): () => Promise<void> {
  let queue: Promise<void> | undefined;
  stream?.on('data', (chunk: Buffer) => {
    tail.add(chunk);
    const next = queue === undefined ? tell(chunk) : queue.then(() => tell(chunk));
    if (next === undefined) return;
    // Once the program has ended, the rest is no more than the pipe holds, and has to be out before we close it.
    if (child.exitCode === null && child.signalCode === null) stream.pause();
    const done = (): void => {
      if (queue !== settled) return;
      queue = undefined;
      stream.resume();
    };
    // Whoever cannot take it is no reason to stop the program.
    const settled: Promise<void> = next.then(done, done);
    queue = settled;
  });
  return async () => {
    while (queue !== undefined) await queue;
  };
}

function notStarted(file: string, { cwd }: ProcessOptions, error: unknown): NexoError {
  // The system says ENOENT for a missing folder too, and names the program.
  const missing = systemErrorCode(error) === 'ENOENT';
  const why = missing ? 'it is not there' : error instanceof Error ? error.message : String(error);
  return new NexoError('PROCESS_FAILED', `${file} cannot be started: ${why}.`, {
    ...(missing && {
      hint: `Check that ${file} is installed and in PATH${cwd === undefined ? '' : `, and that ${cwd} exists`}.`,
    }),
    data: { file },
    cause: error,
  });
}

/** Ends what the leader left running in its group. */
async function endGroup(pid: number, graceMs: number): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) return;
  const giveUpAt = performance.now() + graceMs;
  while (performance.now() < giveUpAt) {
    await elapsed(GROUP_POLL_MS);
    if (!signalGroup(pid, 0)) return;
  }
  signalGroup(pid, 'SIGKILL');
}

async function withinTime(promise: Promise<void>, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const late = new Promise<void>((resolve) => {
    stop = () => resolve();
    timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
    signal?.addEventListener('abort', stop);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
  if (stop !== undefined) signal?.removeEventListener('abort', stop);
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
