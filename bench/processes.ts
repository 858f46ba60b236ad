import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** Starts processes and knows every one that still runs, so that nothing else is ever ended and nothing stays. */
export class Processes {
  readonly #running = new Set<ChildProcess>();
  #closed = false;

  start(args: readonly string[], options: SpawnOptions): ChildProcess {
    if (this.#closed) throw new Error('the bench is ending');
    const child = spawn(process.execPath, args, options);
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  /** Kills all that still run and lets no new one start. */
  endAll(): void {
    this.#closed = true;
    for (const child of this.#running) child.kill('SIGKILL');
  }
}
