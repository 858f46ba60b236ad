import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { parseChatRequest, renderChatReply } from './chat-completions.ts';
import { parseResponsesRequest, renderResponsesReply } from './responses.ts';
import type { ScriptedModel } from './script.ts';

export interface ModelServer {
  /** Base address for a client's provider, ending in `/v1`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Largest request that is read, in bytes: a whole conversation is in it. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Serves a scripted model on loopback in the two wire protocols that the clients speak: chat completions and Responses,
 * both streamed. Requests are answered in the order of their arrival. The caller closes it.
 */
export async function startModelServer(model: ScriptedModel): Promise<ModelServer> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    serve(model, request, response, String(count)).catch((error: unknown) => {
      model.faults.push(`the model server failed: ${error instanceof Error ? error.message : String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  model: ScriptedModel,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method === 'GET' && pathname.endsWith('/models')) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model' }], models: [] }));
    return;
  }
  const isChat = pathname.endsWith('/chat/completions');
  if (request.method !== 'POST' || !(isChat || pathname.endsWith('/responses'))) {
    response.statusCode = 404;
    response.end();
    return;
  }
  const body: unknown = JSON.parse((await readBody(request)).toString('utf8'));
  const reply = model.answer(isChat ? parseChatRequest(body) : parseResponsesRequest(body));
  const events = isChat ? renderChatReply(reply, id) : renderResponsesReply(reply, id);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.end(events.map((event) => `${eventLine(event)}data: ${event}\n\n`).join(''));
}

/** Responses name each event; chat completions do not. */
function eventLine(event: string): string {
  const type = /^\{"type":"([a-z_.]+)"/.exec(event)?.[1];
  return type === undefined ? '' : `event: ${type}\n`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > MAX_BODY_BYTES) throw new Error('a request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
