import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A program with all processes that it starts, so that none is left behind. */
export interface ProcessGroup {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly pid: number | undefined;
  /** Resolves once the program has ended and its output is read. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Signals the program and everything it started. */
  signal(name: NodeJS.Signals): void;
  /** Kills whatever is left of it, and waits until the program is gone. */
  kill(): Promise<void>;
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

/** How much of a program's standard error is kept for a report, in characters. */
const MAX_ERROR_OUTPUT = 2000;

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
    detached: true,
    windowsHide: true,
  });
  let errorOutput = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-MAX_ERROR_OUTPUT);
  });
  // Writing to a program that is gone is noticed by `ended`.
  child.stdin.on('error', () => {});
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (spawnError) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, spawnError });
    });
    child.once('exit', () => {
      // A process that it left behind may hold the pipes open; `close` would then never come.
      signalGroup(child.pid, 'SIGKILL');
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
    kill: async () => {
      group.signal('SIGKILL');
      await ended;
    },
    errorOutput: () => errorOutput.trim(),
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
