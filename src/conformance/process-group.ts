import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { OutputTail } from '../base/output-tail.ts';

/** A program with all processes that it starts, so that none is left behind. */
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

const alive = new Set<ProcessGroup>();
let watchesExit = false;

/** Starts a program, without a shell, as the leader of a process group of its own. */
export function spawnGroup(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env }: SpawnOptions,
): ProcessGroup {
  if (!watchesExit) {
    watchesExit = true;
    // A group of its own gets no signal from the terminal, so it must not outlive us.
    process.once('exit', () => {
      for (const group of alive) group.signal('SIGKILL');
    });
  }
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
      signalGroup(child.pid, 'SIGKILL');
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
      if (child.exitCode === null && child.signalCode === null) signalGroup(child.pid, name);
    },
    errorOutput: () => errorOutput.text().trim(),
  };
  if (child.pid !== undefined) {
    alive.add(group);
    void ended.then(() => alive.delete(group));
  }
  return group;
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name);
  } catch {
    // Gone already.
  }
}
