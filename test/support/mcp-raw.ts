import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { mcpCommand } from './mcp-project.ts';

export type Json = Record<string, unknown>;

/** The server as a process, spoken to in lines: for what no well-behaved client would send or leave unread. */
export class RawServer {
  readonly process: ChildProcessWithoutNullStreams;
  /** Every line on standard output, in order. */
  readonly lines: string[] = [];
  stderr = '';
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #waiting = new Set<() => void>();

  constructor(cwd: string, options: { args?: string[]; env?: NodeJS.ProcessEnv; reads?: boolean } = {}) {
    const { command, args } = mcpCommand(...(options.args ?? []));
    this.process = spawn(command, args, { cwd, env: { ...process.env, ...options.env }, stdio: 'pipe' });
    this.process.stdin.on('error', () => undefined); // a server that ended is noticed by `ended`
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#check();
    });
    if (options.reads !== false) {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        this.lines.push(line);
        this.#check();
      });
    }
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        resolve({ code, signal });
        this.#check();
      });
    });
  }

  /** Sends messages, one a line, in one piece; a string goes as it is. */
  send(...messages: (Json | string)[]): void {
    const lines = messages.map((message) =>
      typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message }),
    );
    this.process.stdin.write(`${lines.join('\n')}\n`);
  }

  messages(): Json[] {
    return this.lines.map((line) => JSON.parse(line) as Json);
  }

  /** Waits for a message. Fails when the server ends first. */
  async heard(isIt: (message: Json) => boolean): Promise<Json> {
    return this.#until(() => this.messages().find(isIt));
  }

  answer(id: string | number | null): Promise<Json> {
    return this.heard((message) => message.id === id && !('method' in message));
  }

  async complained(text: string): Promise<void> {
    await this.#until(() => (this.stderr.includes(text) ? true : undefined));
  }

  /** Opens as a client of the older revisions and waits for the answer. */
  async initialize(capabilities: Json = {}, protocolVersion = '2025-11-25'): Promise<Json> {
    const clientInfo = { name: 'raw', version: '1' };
    this.send(
      { id: 'init', method: 'initialize', params: { protocolVersion, capabilities, clientInfo } },
      { method: 'notifications/initialized' },
    );
    return this.answer('init');
  }

  /** Calls a tool and waits for its structured result. */
  async call(id: string | number, name: string, input: Json = {}): Promise<unknown> {
    this.send(toolCall(id, name, input));
    const { result } = (await this.answer(id)) as { result?: { structuredContent?: unknown } };
    return result?.structuredContent;
  }

  #check(): void {
    for (const check of [...this.#waiting]) check();
  }

  async #until<T>(find: () => T | undefined): Promise<T> {
    let hasEnded = false;
    this.ended.then(
      () => {
        hasEnded = true;
      },
      () => undefined,
    );
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = find();
        if (found === undefined && !hasEnded) return;
        this.#waiting.delete(check);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the server ended; stdout: ${this.lines.join('\n')} stderr: ${this.stderr}`));
      };
      this.#waiting.add(check);
      this.ended.then(check, check);
      check();
    });
  }
}

export const toolCall = (id: string | number, name: string, input: Json = {}): Json => ({
  id,
  method: 'tools/call',
  params: { name, arguments: input },
});
