import { NexoError, systemErrorCode } from '../errors.ts';
import type { Command } from './command.ts';
import { EXIT, execute, reportFailure, wantsJson } from './execute.ts';
import { type Io, processIo } from './io.ts';

/** How long a command that stops itself may take after a signal, in milliseconds. */
const GRACE_MS = 5000;

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof SIGNAL_EXIT;

/**
 * The process around one command. The only place that decides how the program ends: its exit code, that all output
 * is out first, and what a signal, a closed pipe, a full disk or a fault of our own means.
 */
export async function runProcess(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const io = processIo(stop.signal);
  let stopsItself = false as Command['stopsItself'];
  let stdoutIsOurs = true;
  let stoppedBy: StopSignal | undefined;

  muteSqliteWarning();
  process.stdout.on('error', (error) => endOnBrokenOutput(error, io));
  process.stderr.on('error', () => {
    // Nobody is left to tell.
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (fault: unknown) => {
      reportFailure(fault, io, wantsJson(argv) && stdoutIsOurs);
      void end(EXIT.failed, stdoutIsOurs);
    });
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const again = stoppedBy !== undefined;
      stoppedBy ??= signal;
      stop.abort(interrupted());
      if (stopsItself !== false && !again) {
        if (stopsItself === true) setTimeout(() => process.exit(SIGNAL_EXIT[signal]), GRACE_MS).unref();
      } else {
        // Nothing is lost: a change of the state is one uninterrupted step, done or not begun.
        if (!again && wantsJson(argv) && stdoutIsOurs) reportFailure(interrupted(), io, true);
        process.exit(SIGNAL_EXIT[signal]);
      }
    });
  }

  const code = await execute(argv, io, {
    onCommand: (command) => {
      stopsItself = command.stopsItself;
      stdoutIsOurs = command.stdout !== 'protocol';
    },
  });
  // Read anew: both are set while the command runs.
  const signal = stoppedBy as StopSignal | undefined;
  const cutShort = signal !== undefined && stopsItself !== 'as-done';
  await end(cutShort ? SIGNAL_EXIT[signal] : code, stdoutIsOurs);
}

/** A protocol's own code has waited for its reader as long as it wants to; a reader of results is waited for. */
async function end(code: number, stdoutIsOurs: boolean): Promise<void> {
  process.exitCode = code;
  await Promise.all([stdoutIsOurs ? flushed(process.stdout) : undefined, flushed(process.stderr)]);
  process.exit(code);
}

/** Resolves once everything is out, or the stream's `error` event has been handled. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write('', () => setImmediate(resolve));
  });
}

/** A reader that has seen enough (`nexo … | head -1`) is no failure; a full disk is. */
function endOnBrokenOutput(error: Error, io: Io): void {
  const code = systemErrorCode(error);
  if (code === 'EPIPE' || code === 'EOF') process.exit(process.exitCode ?? EXIT.done);
  reportFailure(
    new NexoError('IO_FAILED', `The result could not be written to standard output: ${error.message}`),
    io,
    false,
  );
  process.exit(EXIT.failed);
}

function interrupted(): NexoError {
  return new NexoError('INTERRUPTED', 'Stopped by a signal before it was done.');
}

/** Node 22 calls node:sqlite experimental, on standard error, in front of every answer. Other warnings stay. */
function muteSqliteWarning(): void {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  const emitWarning = process.emitWarning;
  const filtered = (...args: unknown[]): void => {
    if (!String(args[0]).startsWith('SQLite is an experimental feature'))
      Reflect.apply(emitWarning, process, args);
  };
  process.emitWarning = filtered;
}
