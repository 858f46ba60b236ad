import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';

import { OutputTail } from '../../base/output-tail.ts';
import { disownGroup, ownGroup, signalGroup } from '../../base/process-group.ts';
import { holdLifeline, releaseLifeline } from './lifeline.ts';
import { unwatchMemory, watchMemory } from './memory-watch.ts';

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  /** Where the protocol is spoken; what else the program writes goes to the tail. */
  readonly protocol: 'descriptor-3' | 'standard';
}

/** How a process came to its end. `why` is set when it was we who ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly why: 'memory' | 'protocol' | 'closed' | undefined;
  /** What led to it, in words that continue "it …". */
  readonly story: string;
}

/** How much of what a plugin prints is kept, in bytes. */
const TAIL_BYTES = 16 * 1024;
/** From being asked to end to being ended, in milliseconds. */
const GRACE_MS = 300;
/** How long after its end we listen for what it has said, in milliseconds. */
const LAST_WORDS_MS = 300;
const MIB = 1024 * 1024;

/**
 * A plugin's process, leader of a group of its own. Whatever happens, the group ends with it: at its own end, when it
 * holds too much memory, when we end it, and when we die.
 */
export class GuardedProcess {
  readonly ended: Promise<ProcessEnd>;
  /** What the protocol is read from and written to; undefined when the program could not be started. */
  readonly input: Writable | undefined;
  readonly output: Readable | undefined;
  readonly #child: ChildProcess;
  readonly #tail = new OutputTail(TAIL_BYTES);
  #why: ProcessEnd['why'];
  #story = '';

  constructor(spec: ProcessSpec) {
    const isStandard = spec.protocol === 'standard';
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      stdio: isStandard ? ['pipe', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child = child;
    // Node makes descriptor 3 a socket for both directions.
    const channel = child.stdio[3] as Duplex | null | undefined;
    this.input = (isStandard ? child.stdin : channel) ?? undefined;
    this.output = (isStandard ? child.stdout : channel) ?? undefined;
    this.input?.on('error', () => {}); // its end is reported by `ended`
    this.output?.on('error', () => {});
    child.stderr?.on('data', (chunk: Buffer) => this.#tail.add(chunk));
    if (!isStandard) child.stdout?.on('data', (chunk: Buffer) => this.#tail.add(chunk));
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined)
          resolve({ code: null, signal: null, why: this.#why, story: `cannot be started: ${error.message}` });
      });
      child.once('exit', (code, signal) => {
        const { pid } = child;
        if (pid !== undefined) this.#afterEnd(pid);
        // What it said last is still in the pipes; whoever left the group may hold them open for ever.
        const told = (): void => {
          clearTimeout(timer);
          for (const stream of child.stdio) stream?.destroy();
          resolve({ code, signal, why: this.#why, story: this.#tell(code, signal) });
        };
        const timer = setTimeout(told, LAST_WORDS_MS);
        child.once('close', told);
      });
    });
    if (child.pid !== undefined) this.#guard(child.pid, spec.memoryBytes);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** We have ended it, and it may not know yet. */
  get isEnding(): boolean {
    return this.#why !== undefined;
  }

  /** The last lines that it printed, for whoever looks for a fault. */
  get lastWords(): string {
    return this.#tail.text().trim();
  }

  /** Asks it to end, and ends the whole group soon after. */
  end(why: NonNullable<ProcessEnd['why']>, story: string): void {
    this.#why ??= why;
    if (this.#story === '') this.#story = story;
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (why !== 'closed') {
      signalGroup(pid, 'SIGKILL');
      return;
    }
    this.input?.end();
    signalGroup(pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
    this.#child.once('exit', () => clearTimeout(timer));
  }

  #guard(pid: number, memoryBytes: number): void {
    ownGroup(pid);
    holdLifeline(pid);
    watchMemory(pid, {
      maxBytes: memoryBytes,
      onExceeded: (bytes) =>
        this.end(
          'memory',
          `used ${Math.round(bytes / MIB)} MB of memory, and may use ${Math.round(memoryBytes / MIB)} MB`,
        ),
    });
  }

  #afterEnd(pid: number): void {
    // What it started goes with it.
    signalGroup(pid, 'SIGKILL');
    unwatchMemory(pid);
    releaseLifeline(pid);
    disownGroup(pid);
  }

  #tell(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#story !== '') return this.#story;
    const words = this.lastWords;
    if (/heap out of memory|Cannot allocate memory|MemoryError/.test(words)) return 'ran out of memory';
    const last = lastLine(words);
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    return `ended ${how}${last === '' ? '' : `: ${last}`}`;
  }
}

/** Longest line that goes into a message, in characters. */
const MAX_LINE = 300;

/** The line that says most: an error's own, where a stack trace or Node's version follows it. */
function lastLine(words: string): string {
  const lines = words.split('\n').map((line) => line.trim());
  const telling = lines.findLast((line) => /^\w*(Error|Exception|Exit|Interrupt)\b/.test(line));
  return (telling ?? lines.at(-1) ?? '').slice(0, MAX_LINE);
}
