import { connect, type Socket } from 'node:net';

/** What came back on a raw connection. */
export interface RawResponse {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** Sends bytes as they are and reads until the other side has answered once, or ends the connection. */
export function rawRequest(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<RawResponse> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    let text = '';
    const finish = () => {
      socket.destroy();
      resolve(parseResponse(text));
    };
    socket.on('error', finish).on('close', finish);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (isComplete(text)) finish();
    });
    socket.write(bytes);
  });
}

/** Opens a connection, sends bytes and leaves the rest to the caller. */
export function rawConnection(port: number, bytes: string): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined); // a refusal shows as the end of the connection
  socket.write(bytes);
  return socket;
}

/** A POST to /mcp as text. Headers are lines in the given order; each may appear twice or not at all. */
export function post(headers: readonly string[], body: string): string {
  return `POST /mcp HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
}

function parseResponse(text: string): RawResponse {
  const [headers = '', ...body] = text.split('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1] ?? 0),
    headers,
    body: body.join('\r\n\r\n'),
  };
}

function isComplete(text: string): boolean {
  const { status, headers, body } = parseResponse(text);
  if (status < 200 || !text.includes('\r\n\r\n')) return false;
  const length = /^content-length: (\d+)$/im.exec(headers)?.[1];
  return length === undefined ? body.endsWith('0\r\n\r\n') : Buffer.byteLength(body) >= Number(length);
}
