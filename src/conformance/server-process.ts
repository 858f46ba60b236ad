import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/client';

import { type ProcessEnd, type ProcessGroup, type SpawnOptions, spawnGroup } from './process-group.ts';

/** Longest message that is accepted from a server, in characters. */
const MAX_MESSAGE = 64 * 1024 * 1024;

/** How long a server may take to end by itself once its input is closed, in milliseconds. */
const GRACE_MS = 1000;

/**
 * A stdio MCP server as a process group that we own, and the transport to it. Unlike the SDK's own transport it can
 * signal the group, and takes anything on standard output that is no protocol message for the fault that it is.
 */
export class ServerProcess implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: (<T extends JSONRPCMessage>(message: T) => void) | undefined;
  /** What ended it or made it unusable, in words that continue "the server …". Undefined while all is well. */
  fault: string | undefined;
  readonly #argv: readonly [string, ...string[]];
  readonly #options: SpawnOptions;
  #group: ProcessGroup | undefined;
  #closing = false;
  #received = '';

  constructor(argv: readonly [string, ...string[]], options: SpawnOptions) {
    this.#argv = argv;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#group?.pid;
  }

  get errorOutput(): string {
    return this.#group?.errorOutput() ?? '';
  }

  async start(): Promise<void> {
    const group = spawnGroup(this.#argv, this.#options);
    this.#group = group;
    group.child.stdout.setEncoding('utf8');
    group.child.stdout.on('data', (text: string) => this.#receive(text));
    void group.ended.then((end) => {
      if (!this.#closing) this.fault ??= describeEnd(end);
      this.onclose?.();
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#group?.child.stdin;
    if (stdin === undefined || stdin.destroyed) throw new Error('the server has ended');
    if (!stdin.write(serializeMessage(message))) {
      await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), this.#group?.ended]);
    }
  }

  /** Signals the server and everything it started. */
  signal(name: NodeJS.Signals): void {
    this.#group?.signal(name);
  }

  /** Resolves when the process is gone. */
  async ended(): Promise<void> {
    await this.#group?.ended;
  }

  async close(): Promise<void> {
    const group = this.#group;
    if (group === undefined) return;
    this.#closing = true;
    group.child.stdin.end();
    const timer = setTimeout(() => group.signal('SIGKILL'), GRACE_MS);
    await group.ended;
    clearTimeout(timer);
  }

  #receive(text: string): void {
    if (this.fault !== undefined) return;
    const lines = (this.#received + text).split('\n');
    this.#received = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      let message: JSONRPCMessage;
      try {
        message = deserializeMessage(line);
      } catch {
        this.#giveUp(
          `wrote to standard output what is no protocol message: ${JSON.stringify(line.slice(0, 120))}`,
        );
        return;
      }
      this.onmessage?.(message);
    }
    if (this.#received.length > MAX_MESSAGE)
      this.#giveUp(`sent a message of more than ${MAX_MESSAGE} characters`);
  }

  #giveUp(fault: string): void {
    this.fault = fault;
    this.onerror?.(new Error(fault));
    this.#group?.signal('SIGKILL');
  }
}

function describeEnd({ code, signal, spawnError }: ProcessEnd): string {
  if (spawnError !== undefined) return `could not be started: ${spawnError.message}`;
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
