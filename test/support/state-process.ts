import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A process of a test's own, which speaks in lines; it is killed when the test ends. */
export interface LineProcess {
  readonly pid: number;
  /** The next line that it printed; rejects when it ends without one. */
  line(): Promise<string>;
  send(text: string): void;
  /** Ends what it reads. */
  close(): void;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a TypeScript file of `test/support/` in a process of its own. */
export function startWorker(name: string, args: readonly string[], options: SpawnOptions = {}): LineProcess {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null,
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const next = lineReader(child);
  return {
    pid: child.pid ?? 0,
    line: next,
    send: (text) => void child.stdin?.write(`${text}\n`),
    close: () => void child.stdin?.end(),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

function lineReader(child: ChildProcess): () => Promise<string> {
  const lines: string[] = [];
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  let rest = '';
  let isOver = false;
  child.stdin?.on('error', () => {
    // It ended before it had read everything; `line` and `ended` tell.
  });
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const first = waiting.shift();
      if (first === undefined) lines.push(line);
      else first.resolve(line);
    }
  });
  child.stdout?.on('close', () => {
    isOver = true;
    for (const { reject } of waiting) reject(new Error('the process ended without another line'));
  });
  return () => {
    const line = lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (isOver) return Promise.reject(new Error('the process has ended'));
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  };
}
