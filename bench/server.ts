import type { ChildProcess } from 'node:child_process';

import { isRecord, textOf } from './json.ts';
import type { Processes } from './processes.ts';

/** The longest any single answer may take, in milliseconds: more than the reference's stale lock of 30 s. */
const ANSWER_TIMEOUT_MS = 45_000;
/** How long a server may take to end after its input is closed, in milliseconds. */
const END_TIMEOUT_MS = 3_000;
/** A revision that all contenders speak. */
const PROTOCOL_VERSION = '2025-06-18';

export interface Answer {
  /** From the first byte of the request written to the last byte of the answer read, in milliseconds. */
  readonly ms: number;
  readonly result: Readonly<Record<string, unknown>>;
}

interface Pending {
  readonly sentAt: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One server process on standard input and output. The client is written by hand and does as little as possible, so
 * that what is measured is the server; an answer is parsed after the clock was read.
 */
export class Server {
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #chunks: Buffer[] = [];
  #errors = '';
  #nextId = 1;

  constructor(
    processes: Processes,
    args: readonly string[],
    { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
  ) {
    this.startedAt = performance.now();
    this.#child = processes.start(args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2_000);
    });
    // Writing to a server that was killed fails; its pending requests are rejected when its streams close.
    this.#child.stdin?.on('error', () => {});
    this.#child.on('error', (error) => this.#rejectAll(error.message));
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#rejectAll(`it ended with ${signal ?? code}`);
        resolve();
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the server did not start');
    return this.#child.pid;
  }

  async initialize(): Promise<Answer> {
    const answer = await this.request('initialize', {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: 'nexo-bench', version: '0' },
    });
    this.#send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return { ...answer, ms: performance.now() - this.startedAt };
  }

  request(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<Answer>((resolve, reject) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        reject(new Error('the server has ended'));
        return;
      }
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`no answer to ${method} within ${ANSWER_TIMEOUT_MS / 1_000} s`));
      }, ANSWER_TIMEOUT_MS);
      this.#pending.set(id, { sentAt: performance.now(), resolve, reject, timer });
      this.#send({ jsonrpc: '2.0', id, method, params });
    });
  }

  /** Calls a tool; throws when the tool answers with an error. */
  async call(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = await this.tryCall(tool, args);
    if (answer.result.isError === true) throw new Error(`${tool}: ${textOf(answer.result)}`);
    return answer;
  }

  /** Calls a tool; an error of the tool is an answer like any other, with `isError`. */
  tryCall(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    return this.request('tools/call', { name: tool, arguments: args });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves when the process is gone and all it wrote was read. */
  closed(): Promise<void> {
    return this.#closed;
  }

  /** Closes its input, as clients do, and kills it when that is not enough. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.kill(), END_TIMEOUT_MS);
    this.#child.stdin?.end();
    await this.closed();
    clearTimeout(timer);
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const readAt = performance.now();
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, end)]).toString();
      this.#chunks = [];
      rest = rest.subarray(end + 1);
      this.#accept(line, readAt);
    }
    if (rest.length > 0) this.#chunks.push(rest);
  }

  #accept(line: string, readAt: number): void {
    const message = parseMessage(line);
    if (message === undefined) {
      this.#rejectAll(`it wrote something else than a message: ${line.slice(0, 200)}`);
      return;
    }
    if (typeof message.id !== 'number') return; // a notification
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (isRecord(message.result)) pending.resolve({ ms: readAt - pending.sentAt, result: message.result });
    else pending.reject(new Error(`protocol error ${JSON.stringify(message.error)}`));
  }

  #rejectAll(reason: string): void {
    const said = this.#errors.trim();
    const error = new Error(said === '' ? reason : `${reason}: ${said}`);
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(error);
    }
    this.#pending.clear();
  }
}

function parseMessage(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined; // the caller says what was there instead
  }
}
