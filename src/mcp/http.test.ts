import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { runHttp } from './http.ts';
import { DEFAULT_TOOLSETS } from './toolsets.ts';

const stop = new AbortController();
let running: Promise<void>;

afterEach(async () => {
  stop.abort();
  await running;
});

/** Starts an endpoint that has no patience. */
function startImpatient(): Promise<{ port: number; token: string }> {
  const base = mkdtempSync(join(tmpdir(), 'http-'));
  mkdirSync(join(base, '.git'));
  return new Promise((resolve, reject) => {
    running = runHttp({
      toolsets: DEFAULT_TOOLSETS,
      host: '127.0.0.1',
      port: 0,
      root: base,
      env: {},
      cwd: base,
      userHome: join(base, 'home'),
      tokenFile: undefined,
      stateFolder: join(base, 'state'),
      signal: stop.signal,
      log: (line) => {
        const port = Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
        resolve({ port, token: readFileSync(join(base, 'state', 'mcp-http-token'), 'utf8').trim() });
      },
      limits: { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 },
    });
    running.catch(reject);
  });
}

/** What a client gets that sends this much of a request and no more. */
function answerTo(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
    socket.write(bytes);
  });
}

describe('a request that does not come to its end', () => {
  it('is given up, in its head as in its body', async () => {
    const { port, token } = await startImpatient();
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
    const whole = `${head}Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n`;
    expect(await answerTo(port, head)).toMatch(/^HTTP\/1\.1 408 /);
    expect(await answerTo(port, `${whole}{`)).toMatch(/^HTTP\/1\.1 408 /);
  });
});
