import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { aborted } from './aborted.ts';
import type { Launch } from './project.ts';
import { MAX_MESSAGE_BYTES } from './protocol.ts';
import { type InputLine, LineReader } from './stdio/line-reader.ts';
import type { Service } from './stdio/methods.ts';
import { Output } from './stdio/output.ts';
import { Session } from './stdio/session.ts';
import { guardStdout } from './stdout-guard.ts';
import type { Toolset } from './toolsets.ts';

export interface StdioOptions extends Launch {
  readonly toolsets: readonly Toolset[];
  /** Ends the server: what was accepted is finished, nothing more is taken. */
  readonly signal: AbortSignal;
  /** A line for the person who looks after the server; goes to standard error. */
  readonly log: (line: string) => void;
  /** Default: the process's own. */
  readonly stdin?: Readable & { readonly isTTY?: boolean };
  readonly stdout?: Writable;
}

/** Most requests of one client that are worked on at a time; more wait unread. */
const MAX_OPEN_CALLS = 64;

/** The same while they all wait for something that the client has yet to say, and that has to be read for it. */
const MAX_WAITING_CALLS = 1024;

/** How long an aborted server waits for the client to take what is owed to it, in milliseconds. */
const ABORTED_FLUSH_MS = 500;

/** How long work under way may take to end after that, in milliseconds. The state survives being cut short. */
const ABORTED_WORK_MS = 2000;

/**
 * Serves one MCP client on standard input and output. Resolves when the client has closed its end and everything that
 * it asked for is answered, when it is gone, or when `signal` is aborted. Nothing but protocol reaches standard output.
 */
export async function runStdio(options: StdioOptions): Promise<void> {
  const { signal, log, stdin = process.stdin, stdout = process.stdout } = options;
  const clientGone = Promise.withResolvers<void>();
  const guard = guardStdout(stdout);
  const output = new Output(stdout, guard.write, {
    progress: () => pace(),
    broken: () => clientGone.resolve(),
  });
  const loadService = loadServiceOnce();
  const session = new Session({
    launch: options,
    toolsets: options.toolsets,
    log,
    send: (json) => output.send(json),
    canNotify: () => !output.isFull,
    onLoadChange: () => pace(),
    loadService,
    onBug: (error) => log(`internal error: ${error instanceof Error ? error.stack : String(error)}`),
  });
  /** A client that asks faster than it reads, or than we work, is not read from for a while. */
  const pace = () => {
    if (!output.isFull) session.sendWaiting();
    const mostCalls = session.isAsking ? MAX_WAITING_CALLS : MAX_OPEN_CALLS;
    const mustWait = output.isFull || session.openCalls >= mostCalls;
    if (mustWait && !stdin.isPaused()) stdin.pause();
    if (!mustWait && stdin.isPaused()) stdin.resume();
  };
  if (stdin.isTTY === true) log('waiting for an MCP client on standard input; Ctrl-D ends this');
  const input = readLines(stdin, (line) => {
    session.accept(line);
    pace();
    // Only now, so that the client has its first answer while we load.
    setImmediate(loadService);
  });
  try {
    await Promise.race([input.ended, clientGone.promise, aborted(signal)]);
    input.stop();
    const { lines, error } = input.state;
    if (error !== undefined) log(`standard input cannot be read: ${error.message}`);
    else if (lines === 0 && !signal.aborted)
      log('standard input ended before any message; an MCP client starts this');
    await Promise.race([
      session.finish(),
      aborted(signal).then(() => delay(ABORTED_WORK_MS, undefined, { ref: false })),
    ]);
    await output.flush(signal.aborted ? ABORTED_FLUSH_MS : undefined);
  } finally {
    session.close();
    guard.release();
  }
}

interface Input {
  /** Resolves when the client sends no more. */
  readonly ended: Promise<void>;
  readonly state: { lines: number; error: Error | undefined };
  stop(): void;
}

function readLines(stdin: Readable, onLine: (line: InputLine) => void): Input {
  const state: Input['state'] = { lines: 0, error: undefined };
  const ended = Promise.withResolvers<void>();
  const reader = new LineReader(MAX_MESSAGE_BYTES, (line) => {
    state.lines += 1;
    onLine(line);
  });
  const onData = (chunk: Buffer) => reader.push(chunk);
  const onEnd = () => {
    reader.end();
    ended.resolve();
  };
  const onError = (error: Error) => {
    state.error = error;
    ended.resolve();
  };
  stdin.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
  const stop = () => {
    stdin.off('data', onData).off('end', onEnd).off('close', onEnd);
    stdin.destroy();
  };
  return { ended: ended.promise, state, stop };
}

/** The service is loaded by the first call that needs it, or right after the handshake, whichever comes first. */
function loadServiceOnce(): () => Promise<Service> {
  let loading: Promise<Service> | undefined;
  return () => {
    loading ??= import('./service.ts');
    return loading;
  };
}
