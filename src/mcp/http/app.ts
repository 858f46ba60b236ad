import type { HttpBindings } from '@hono/node-server';
import { isJsonContentType, type McpHttpHandler } from '@modelcontextprotocol/server';
import { Hono } from 'hono';

import { FAULT } from '../protocol.ts';
import { readJsonBody } from './body.ts';
import { boundResponse } from './bounded-body.ts';
import { type GuardPolicy, refuseRequest } from './guard.ts';

/** The endpoint: `/mcp` for the protocol, `/health` for whoever keeps it running, and nothing else. */
export function createApp(handler: McpHttpHandler, policy: GuardPolicy): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (context, next) => {
    const refusal = refuseRequest(context.req.path, context.env.incoming.rawHeaders, policy);
    if (refusal === undefined) return next();
    const { status, message } = refusal;
    const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
    return errorResponse(status, FAULT.invalidRequest, message, { connection: 'close', ...challenge });
  });
  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.post('/mcp', async (context) => {
    const request = context.req.raw;
    if (!isJsonContentType(request.headers.get('content-type'))) {
      return errorResponse(415, FAULT.invalidRequest, 'Unsupported media type: send application/json');
    }
    const body = await readJsonBody(request);
    if (body.kind === 'refused')
      return errorResponse(body.status, body.code, body.message, { connection: 'close' });
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

function errorResponse(
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status, headers });
}
