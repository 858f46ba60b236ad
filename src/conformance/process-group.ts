import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { OutputTail } from '../base/output-tail.ts';
import { disownGroup, ownGroup, signalGroup } from '../base/process-group.ts';

/**
 * A program that is talked to while it runs, with all processes that it starts, so that none is left behind. What runs
 * to its end by itself is for `base/process`.
 */
export interface ProcessGroup {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly pid: number | undefined;
  /** Resolves once the program has ended and its output is read. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Signals the program and everything it started. */
  signal(name: NodeJS.Signals): void;
  /** The last lines on its standard error. */
  errorOutput(): string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly spawnError?: Error;
}

export interface SpawnOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How much of a program's standard error is kept for a report, in bytes. */
const MAX_ERROR_BYTES = 2000;

/** How long output may still come in after the program's end, in milliseconds. */
const MAX_DRAIN_MS = 1000;

/** Starts a program, without a shell, as the leader of a process group of its own. */
export function spawnGroup(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env }: SpawnOptions,
): ProcessGroup {
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const errorOutput = new OutputTail(MAX_ERROR_BYTES);
  child.stderr.on('data', (chunk: Buffer) => errorOutput.add(chunk));
  // Writing to a program that is gone is noticed by `ended`.
  child.stdin.on('error', () => {});
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (spawnError) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, spawnError });
    });
    child.once('exit', () => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      // A process that left the group may hold the pipes open for ever, and `close` waits for them.
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, MAX_DRAIN_MS).unref();
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const group: ProcessGroup = {
    child,
    pid: child.pid,
    ended,
    signal: (name) => {
      const isAlive = child.exitCode === null && child.signalCode === null;
      if (isAlive && child.pid !== undefined) signalGroup(child.pid, name);
    },
    errorOutput: () => errorOutput.text().trim(),
  };
  const { pid } = child;
  if (pid !== undefined) {
    ownGroup(pid);
    void ended.then(() => disownGroup(pid));
  }
  return group;
}
