import type { RequestListener, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { isJsonContentType, type McpHttpHandler } from '@modelcontextprotocol/server';
import { Hono } from 'hono';

import type { Refusal } from '../../base/http-guard.ts';
import { argumentsFault, FAULT, isRecord } from '../protocol.ts';
import { readJsonBody } from './body.ts';
import { boundResponse } from './bounded-body.ts';
import { type GuardPolicy, refuseRequest } from './guard.ts';

/**
 * Answers the requests of the endpoint. Each is judged first, on Node's own request: Hono's no longer has the headers
 * as they came, and has an answer of its own to some that are missing.
 */
export function createListener(handler: McpHttpHandler, policy: GuardPolicy): RequestListener {
  const respond = getRequestListener(createApp(handler).fetch, { overrideGlobalObjects: false });
  return (request, response) => {
    const refusal = refuseRequest(request.url ?? '', request.rawHeaders, policy);
    if (refusal !== undefined) refuse(response, refusal);
    else void respond(request, response); // answers its own failures
  };
}

/** `/mcp` for the protocol, `/health` for whoever keeps the server running, and nothing else. */
function createApp(handler: McpHttpHandler): Hono {
  const app = new Hono();
  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.post('/mcp', async (context) => {
    const request = context.req.raw;
    if (!isJsonContentType(request.headers.get('content-type'))) {
      return errorResponse(415, FAULT.invalidRequest, 'Unsupported media type: send application/json');
    }
    const body = await readJsonBody(request);
    if (body.kind === 'refused') {
      return errorResponse(body.status, body.code, body.message, { connection: 'close' });
    }
    const refusal = refuseArguments(body.value);
    if (refusal !== undefined) return refusal;
    return boundResponse(await handler.fetch(request, { parsedBody: body.value }));
  });
  app.all('/mcp', () =>
    errorResponse(405, FAULT.invalidRequest, 'Method not allowed: use POST', { allow: 'POST' }),
  );
  app.all('/health', () =>
    errorResponse(405, FAULT.invalidRequest, 'Method not allowed: use GET', { allow: 'GET' }),
  );
  app.notFound(() => errorResponse(404, FAULT.invalidRequest, 'Not found: the endpoint is /mcp'));
  app.onError(() => errorResponse(500, FAULT.internal, 'Internal error'));
  return app;
}

/** The SDK drops some of these arguments without a word and words others its own way; the other door refuses them. */
function refuseArguments(message: unknown): Response | undefined {
  if (!isRecord(message) || message.method !== 'tools/call' || !isRecord(message.params)) return undefined;
  const { id, params } = message;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof params.name !== 'string') return undefined;
  const fault = argumentsFault(params);
  if (fault === undefined) return undefined;
  return Response.json({ jsonrpc: '2.0', id, error: { code: fault.code, message: fault.message } });
}

function errorResponse(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(errorBody(code, message), { status, headers });
}

/** The connection ends with it: what follows a refused head is not read. */
function refuse(response: ServerResponse, { status, message }: Refusal): void {
  const body = JSON.stringify(errorBody(FAULT.invalidRequest, message));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  });
  response.end(body);
}

function errorBody(code: number, message: string): object {
  return { jsonrpc: '2.0', id: null, error: { code, message } };
}
