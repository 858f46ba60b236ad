import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpEndpoint, startHttp } from '../support/mcp-http.ts';
import { newProject } from '../support/mcp-project.ts';
import { RawServer, toolCall } from '../support/mcp-raw.ts';
import { post, type RawResponse, rawConnection, rawRequest } from '../support/raw-http.ts';

// Raw sockets against the running endpoint, each attack followed by a call that shows it unharmed.

let endpoint: HttpEndpoint;

beforeAll(async () => {
  endpoint = await startHttp(newProject());
});
afterAll(() => endpoint.stop());

const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
const ACCEPT = 'Accept: application/json, text/event-stream';
const JSON_TYPE = 'Content-Type: application/json';
const host = () => `Host: 127.0.0.1:${endpoint.port}`;
const auth = () => `Authorization: Bearer ${endpoint.token}`;
const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`;

const send = (headers: readonly string[], body = LIST) => rawRequest(endpoint.port, post(headers, body));
const good = (body = LIST) => send([host(), auth(), ACCEPT, JSON_TYPE, length(body)], body);

async function expectUnharmed(): Promise<void> {
  const { status, body } = await good();
  expect([status, body.includes('nx_task_add')]).toEqual([200, true]);
}

function expectProtocolError({ status, body }: RawResponse, expected: number): void {
  expect([status, JSON.parse(body)]).toEqual([
    expected,
    { jsonrpc: '2.0', id: null, error: { code: expect.any(Number), message: expect.any(String) } },
  ]);
}

describe('the head of a request', () => {
  it.each([
    ['another host', () => ['Host: evil.example']],
    ['another port', () => ['Host: 127.0.0.1:1']],
    ['no host', () => []],
    ['two hosts', () => [host(), host()]],
    ['an origin elsewhere', () => [host(), 'Origin: https://evil.example']],
    ['the null origin', () => [host(), 'Origin: null']],
    [
      'two origins',
      () => [
        host(),
        `Origin: http://localhost:${endpoint.port}`,
        `Origin: http://localhost:${endpoint.port}`,
      ],
    ],
    [
      'another host and helpful proxies',
      () => ['Host: evil.example', `X-Forwarded-Host: 127.0.0.1:${endpoint.port}`],
    ],
  ])('is refused with %s, token or not, before anything of the body is used', async (_name, headers) => {
    const [withToken, without] = [
      await send([...headers(), auth(), ACCEPT, JSON_TYPE, length(LIST)]),
      await send([...headers(), ACCEPT, JSON_TYPE, length(LIST)]),
    ];
    expectProtocolError(withToken, 403);
    expectProtocolError(without, 403);
    await expectUnharmed();
  });

  it.each([
    ['no token', () => []],
    ['a wrong token', () => [`Authorization: Bearer ${'x'.repeat(43)}`]],
    ['the token twice', () => [auth(), auth()]],
    ['the token in a cookie', () => [`Cookie: token=${endpoint.token}`]],
  ])('is refused with %s', async (_name, headers) => {
    const response = await send([host(), ...headers(), ACCEPT, JSON_TYPE, length(LIST)]);
    expectProtocolError(response, 401);
    expect(response.headers).toMatch(/^www-authenticate: Bearer$/im);
    await expectUnharmed();
  });

  it('is accepted with an origin of the server itself, and gets no header for other origins', async () => {
    const response = await send([
      host(),
      `Origin: http://localhost:${endpoint.port}`,
      auth(),
      ACCEPT,
      JSON_TYPE,
      length(LIST),
    ]);
    expect(response.status).toBe(200);
    expect(response.headers).not.toMatch(/^access-control/im);
    const preflight = await rawRequest(
      endpoint.port,
      `OPTIONS /mcp HTTP/1.1\r\n${host()}\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
    );
    expect(preflight.status).toBe(403);
    expect(preflight.headers).not.toMatch(/^access-control/im);
  });

  it('may not ask for an upgrade', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: eA==',
    ];
    const response = await rawRequest(
      endpoint.port,
      `GET /mcp HTTP/1.1\r\n${[host(), auth(), ...upgrade].join('\r\n')}\r\n\r\n`,
    );
    expectProtocolError(response, 400);
    await expectUnharmed();
  });

  it('has at most 16 KiB', async () => {
    const { status } = await send([host(), auth(), `X-Long: ${'x'.repeat(17 * 1024)}`, length('')], '');
    expect(status).toBe(431);
    await expectUnharmed();
  });

  it.each([
    ['both lengths', () => [host(), auth(), JSON_TYPE, 'Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['two lengths', () => [host(), auth(), JSON_TYPE, 'Content-Length: 3', 'Content-Length: 4']],
    ['a length that is none', () => [host(), auth(), JSON_TYPE, 'Content-Length: 3x']],
    ['an encoding that is none', () => [host(), auth(), JSON_TYPE, 'Transfer-Encoding: xchunked']],
    ['a folded line', () => [host(), auth(), 'X-A: 1\r\n folded', JSON_TYPE, 'Content-Length: 0']],
    ['a bare line feed', () => [host(), `X-A: 1\nX-B: 2`, auth(), 'Content-Length: 0']],
  ])('is refused with %s', async (_name, headers) => {
    const { status } = await send(headers(), '{}');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    await expectUnharmed();
  });
});

describe('the body of a request', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonx',
    '',
  ])('is refused as %j', async (type) => {
    const response = await send([host(), auth(), ACCEPT, `Content-Type: ${type}`, length(LIST)]);
    expectProtocolError(response, 415);
    await expectUnharmed();
  });

  it.each([
    ['no JSON', '{bad'],
    ['nothing', ''],
    ['no UTF-8', '\uFFFD'],
    ['deep nesting', '['.repeat(100_000)],
    ['no message', '{"jsonrpc":"2.0"}'],
    ['a long batch', `[${Array(101).fill('{"jsonrpc":"2.0","id":1,"method":"ping"}').join(',')}]`],
  ])('is refused as %s', async (_name, body) => {
    const response = await good(body);
    expect(response.status).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } });
    await expectUnharmed();
  });

  it('has at most 4 MiB, whether it says so or not', async () => {
    const long = 'x'.repeat(4 * 1024 * 1024 + 1);
    expectProtocolError(
      await send([host(), auth(), ACCEPT, JSON_TYPE, `Content-Length: ${long.length}`], '{'),
      413,
    );
    const chunk = `${(1024 * 1024).toString(16)}\r\n${'x'.repeat(1024 * 1024)}\r\n`;
    const chunked = await send(
      [host(), auth(), ACCEPT, JSON_TYPE, 'Transfer-Encoding: chunked'],
      chunk.repeat(5),
    );
    expect(chunked.status).toBe(413);
    await expectUnharmed();
  });
});

describe('the endpoint', () => {
  it('says that it lives to whoever asks on this machine, and nothing else', async () => {
    const { status, body } = await rawRequest(endpoint.port, `GET /health HTTP/1.1\r\n${host()}\r\n\r\n`);
    expect([status, body]).toEqual([200, '{"status":"ok"}']);
    const elsewhere = await rawRequest(endpoint.port, 'GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    expect(elsewhere.status).toBe(403);
  });

  it.each([
    ['GET', '/mcp', 405],
    ['DELETE', '/mcp', 405],
    ['PUT', '/mcp', 405],
    ['POST', '/health', 405],
    ['GET', '/', 404],
    ['GET', '/package.json', 404],
    ['GET', '/../../etc/passwd', 404],
    ['POST', '/mcp/', 404],
  ])('has no %s %s', async (method, path, expected) => {
    const bytes = `${method} ${path} HTTP/1.1\r\n${[host(), auth(), ACCEPT, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
    expectProtocolError(await rawRequest(endpoint.port, bytes), expected);
  });

  it('opens no session', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    });
    const response = await good(body);
    expect(response.status).toBe(200);
    expect(response.headers).not.toMatch(/mcp-session-id/i);
  });

  it('is closed on every address that other machines can reach', async () => {
    const external = Object.values(networkInterfaces()).flatMap(
      (each) =>
        each?.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address) ?? [],
    );
    for (const address of external) {
      const isOpen = await new Promise((resolve) => {
        const socket = connect({ port: endpoint.port, host: address });
        socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
        socket.on('close', () => socket.destroy());
      });
      expect([address, isOpen]).toEqual([address, false]);
    }
  });

  it('survives bytes that are no HTTP, and clients that stop half way', async () => {
    const seed = Buffer.from(Array.from({ length: 4096 }, (_each, n) => (n * 7919) % 251));
    for (let n = 0; n < 50; n += 1)
      await rawRequest(endpoint.port, Buffer.concat([seed.subarray(n * 7), Buffer.from('\r\n\r\n')]));
    for (let n = 0; n < 50; n += 1) rawConnection(endpoint.port, `POST /mcp HTTP/1.1\r\n${host()}\r\n`).end();
    await expectUnharmed();
  });

  it('serves others while one never reads its answers and one never finishes its request', async () => {
    const many = post([host(), auth(), ACCEPT, JSON_TYPE, length(LIST)], LIST).repeat(200);
    const deaf = rawConnection(endpoint.port, many);
    deaf.pause();
    const slow = rawConnection(
      endpoint.port,
      post([host(), auth(), ACCEPT, JSON_TYPE, 'Content-Length: 100'], '{'),
    );
    for (let n = 0; n < 20; n += 1) await expectUnharmed();
    deaf.destroy();
    slow.destroy();
    await expectUnharmed();
  });

  it('loses nothing when many write at once, beside a server on standard output', async () => {
    const project = newProject();
    const shared = await startHttp(project);
    const beside = new RawServer(project);
    await beside.initialize();
    const overHttp = async (title: string) => {
      const body = JSON.stringify({
        jsonrpc: '2.0',
        ...toolCall(title, 'nx_task_add', { title, context: 'c' }),
      });
      const headers = [
        `Host: 127.0.0.1:${shared.port}`,
        `Authorization: Bearer ${shared.token}`,
        ACCEPT,
        JSON_TYPE,
        length(body),
      ];
      return (await rawRequest(shared.port, post(headers, body))).body;
    };
    const rounds = Array.from({ length: 10 }, (_each, n) => n);
    await Promise.all([
      ...['a', 'b', 'c', 'd'].map(async (client) => {
        for (const n of rounds)
          expect(await overHttp(`${client}${n}`)).toContain('"structuredContent":{"task"');
      }),
      ...rounds.map((n) => beside.call(`s${n}`, 'nx_task_add', { title: `s${n}`, context: 'c' })),
    ]);
    const { tasks } = (await beside.call('list', 'nx_task_list')) as {
      tasks: { id: number; title: string }[];
    };
    expect(tasks.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_each, n) => n + 1));
    expect(new Set(tasks.map(({ title }) => title)).size).toBe(50);
    beside.process.stdin.end();
    await beside.ended;
    await shared.stop();
  });

  it('takes a bounded number of connections at a time', async () => {
    const sockets = Array.from({ length: 80 }, () => rawConnection(endpoint.port, 'POST /mcp HTTP/1.1\r\n'));
    const refused = await Promise.race(
      sockets.map((socket) => new Promise((resolve) => socket.on('close', () => resolve(true)))),
    );
    expect(refused).toBe(true);
    for (const socket of sockets) socket.destroy();
    let status = 0;
    while (status !== 200) ({ status } = await good());
  });
});

describe('starting and stopping', () => {
  it('keeps its token in a file for the owner alone and uses it again', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mcp-home-'));
    const first = await startHttp(newProject(), { home });
    expect(first.tokenFile).toBe(join(home, 'state', 'mcp-http-token'));
    expect(statSync(first.tokenFile).mode & 0o777).toBe(0o600);
    await first.stop();
    const second = await startHttp(newProject(), { home });
    expect(second.token).toBe(first.token);
    await second.stop();
    expect([first, second].some(({ server, token }) => server.stderr.includes(token))).toBe(false);
  });

  it.each([
    [
      'an address that others can reach, without a token file',
      ['--http', '0.0.0.0:0'],
      'HTTP_ADDRESS_REFUSED',
    ],
    ['a name that others can reach', ['--http', 'example.test:0'], 'HTTP_ADDRESS_REFUSED'],
    ['a port that is taken', ['--http', 'TAKEN'], 'HTTP_LISTEN_FAILED'],
    ['no address', ['--http', 'a b'], 'USAGE'],
    ['an origin with a path', ['--http', '127.0.0.1:0', '--allowed-origin', 'https://x.example/y'], 'USAGE'],
  ])('is refused with %s', async (_name, args, code) => {
    const words = args.map((word) => (word === 'TAKEN' ? `127.0.0.1:${endpoint.port}` : word));
    const server = new RawServer(newProject(), { args: words });
    const { code: exit } = await server.ended;
    expect([exit, server.lines]).toEqual([code === 'USAGE' ? 2 : 1, []]);
    expect(server.stderr).toContain(code);
  });

  it('is refused with a token file that others can read', async () => {
    const tokenFile = join(mkdtempSync(join(tmpdir(), 'mcp-token-')), 'token');
    writeFileSync(tokenFile, 'x'.repeat(64));
    chmodSync(tokenFile, 0o644);
    const server = new RawServer(newProject(), {
      args: ['--http', '127.0.0.1:0', '--token-file', tokenFile],
    });
    expect((await server.ended).code).toBe(1);
    expect(server.stderr).toMatch(/chmod 600/);
  });

  it('serves other machines when the operator names the token, under the names that are given', async () => {
    const tokenFile = join(mkdtempSync(join(tmpdir(), 'mcp-token-')), 'token');
    const open = await startHttp(newProject(), {
      address: '0.0.0.0:0',
      args: ['--token-file', tokenFile, '--allowed-host', 'nexo.example.test'],
    });
    const ask = (name: string, token: string) =>
      rawRequest(
        open.port,
        post(
          [`Host: ${name}:${open.port}`, `Authorization: Bearer ${token}`, ACCEPT, JSON_TYPE, length(LIST)],
          LIST,
        ),
      );
    expect((await ask('nexo.example.test', open.token)).status).toBe(200);
    expect((await ask('127.0.0.1', open.token)).status).toBe(200);
    expect((await ask('127.0.0.1', 'x'.repeat(43))).status).toBe(401);
    expect((await ask('evil.example', open.token)).status).toBe(403);
    await open.stop();
  });

  it('is refused without a project, before it listens', async () => {
    const server = new RawServer('/', { args: ['--http', '127.0.0.1:0'] });
    expect((await server.ended).code).toBe(1);
    expect(server.stderr).toContain('PROJECT_ROOT_AMBIGUOUS');
  });

  it('ends what is going on when it is stopped, and exits', async () => {
    const stopping = await startHttp(newProject());
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 'listen',
      method: 'subscriptions/listen',
      params: {
        notifications: { resourcesListChanged: true },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    });
    const modern = ['MCP-Protocol-Version: 2026-07-28', 'Mcp-Method: subscriptions/listen'];
    const headers = [
      `Host: 127.0.0.1:${stopping.port}`,
      `Authorization: Bearer ${stopping.token}`,
      ACCEPT,
      JSON_TYPE,
      ...modern,
      length(body),
    ];
    const stream = rawConnection(stopping.port, post(headers, body));
    let text = '';
    await new Promise<void>((resolve) => {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('acknowledged')) resolve();
      });
    });
    const ended = new Promise((resolve) => stream.on('close', resolve));
    await stopping.stop();
    await ended;
    expect(text).toContain('"id":"listen","result"');
    expect(await stopping.server.ended).toEqual({ code: 143, signal: null });
  });
});
