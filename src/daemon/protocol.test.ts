import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { newFolder } from '../../test/support/state-project.ts';
import { NexoError } from '../errors.ts';
import {
  encodeFrame,
  errorFromDocument,
  errorFromWire,
  errorToWire,
  PROTOCOL_VERSION,
  ResponseSchema,
  readFrames,
} from './protocol.ts';
import { type Method, serveSocket } from './socket-server.ts';

let server: { close(): Promise<void> } | undefined;
afterEach(() => server?.close());

async function serve(methods: Record<string, Method>): Promise<string> {
  const path = join(newFolder('socket-'), 's');
  server = await serveSocket(path, methods);
  return path;
}

/** Sends these bytes, in pieces, and answers with the values that came back until the connection ended or `count`. */
function exchange(path: string, pieces: readonly Buffer[], count = 1): Promise<unknown[]> {
  const values: unknown[] = [];
  return new Promise((resolve) => {
    const socket: Socket = connect(path, async () => {
      for (const piece of pieces) await new Promise<void>((sent) => void socket.write(piece, () => sent()));
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(values));
    readFrames(
      socket,
      (value) => {
        values.push(value);
        if (values.length === count) socket.end();
      },
      () => socket.destroy(),
    );
  });
}

function request(method: string, more: object = {}): Buffer {
  return encodeFrame({ protocol: PROTOCOL_VERSION, id: 7, method, ...more });
}

describe('the protocol of the daemon', () => {
  it('answers a request, whatever pieces it comes in', async () => {
    const path = await serve({ add: ({ a, b }) => Number(a) + Number(b) });
    const frame = request('add', { params: { a: 2, b: 3 } });
    const single = Array.from(frame, (_byte, at) => frame.subarray(at, at + 1));
    expect(await exchange(path, single)).toEqual([{ id: 7, result: 5 }]);
  });

  it('answers several requests on one connection', async () => {
    const path = await serve({ ping: () => 'pong' });
    const both = Buffer.concat([request('ping'), request('ping')]);
    expect(await exchange(path, [both], 2)).toEqual([
      { id: 7, result: 'pong' },
      { id: 7, result: 'pong' },
    ]);
  });

  it('carries an error with its code, hint and data, and a fault as an unexpected one', async () => {
    const path = await serve({
      refuse: () => {
        throw new NexoError('CONFIG_INVALID', 'no', { hint: 'try', data: { line: 3 } });
      },
      break: () => Promise.reject(new Error('a bug')),
    });
    const [refused] = await exchange(path, [request('refuse')]);
    const response = ResponseSchema.parse(refused);
    if (!('error' in response)) throw new Error('it should be an error');
    expect(errorFromWire(response.error)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'no',
      hint: 'try',
      data: { line: 3 },
    });
    expect(await exchange(path, [request('break')])).toMatchObject([{ error: { code: 'UNEXPECTED' } }]);
  });

  it.each([
    ['a method that does not exist', request('nothing')],
    ['a method of every object', request('toString')],
    ['another version', encodeFrame({ protocol: 99, id: 7, method: 'ping' })],
    ['something else', encodeFrame(['ping'])],
  ])('refuses %s with an answer', async (_name, frame) => {
    const path = await serve({ ping: () => 'pong' });
    expect(await exchange(path, [frame])).toMatchObject([{ error: { code: 'DAEMON_REQUEST_INVALID' } }]);
  });

  it.each([
    ['a frame that is too long', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a frame without JSON', Buffer.from([0, 0, 0, 2, 0x7b, 0x7b])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('ends the connection at %s, and serves others', async (_name, bytes) => {
    const path = await serve({ ping: () => 'pong' });
    expect(await exchange(path, [bytes])).toEqual([]);
    expect(await exchange(path, [request('ping')])).toEqual([{ id: 7, result: 'pong' }]);
  });

  it('ends a client whose answers are no frames', async () => {
    const path = join(newFolder('socket-'), 's');
    const odd = createServer((socket) => void socket.end('nonsense that is no frame at all'));
    await new Promise<void>((resolve) => odd.listen(path, resolve));
    expect(await exchange(path, [request('ping')])).toEqual([]);
    odd.close();
  });

  it('makes a code that it does not know an unexpected one', () => {
    expect(errorFromWire({ code: 'FROM_THE_FUTURE', message: 'x' })).toMatchObject({ code: 'UNEXPECTED' });
    expect(errorToWire(new NexoError('USAGE', 'x'))).toEqual({ code: 'USAGE', message: 'x' });
    expect(errorFromDocument('{"error":{"code":"USAGE","message":"x"}}')).toMatchObject({ code: 'USAGE' });
    expect(errorFromDocument('{"error":')).toBeUndefined();
    expect(errorFromDocument('{"result":1}')).toBeUndefined();
  });
});
