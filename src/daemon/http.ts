import type { Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

import { refuseForeign } from '../base/http-guard.ts';
import { createHttpServer, listenHttp } from '../base/http-server.ts';
import { authority, hostHeaders, isLoopback, parseListenAddress } from '../base/listen-address.ts';
import { NexoError } from '../errors.ts';
import type { DaemonStatus } from './status.ts';

export interface HealthServer {
  readonly server: Server;
  /** `http://127.0.0.1:4711`, without a slash at its end. */
  readonly url: string;
}

/**
 * Serves `/health`, `/ready` and `/metrics` to this machine alone.
 * Throws HTTP_ADDRESS_REFUSED for an address that others can reach, HTTP_LISTEN_FAILED, USAGE.
 */
export async function serveHealth(address: string, status: () => DaemonStatus): Promise<HealthServer> {
  const { host, port } = parseListenAddress(address);
  if (!isLoopback(host)) {
    throw new NexoError('HTTP_ADDRESS_REFUSED', `${host} can be reached from other machines.`, {
      hint: 'Let http.health_addr in runtime.yaml begin with 127.0.0.1: these pages ask for no password.',
      data: { host },
    });
  }
  const server = createHttpServer();
  const bound = await listenHttp(server, { host, port });
  const hosts = hostHeaders({ host, port: bound.port }, bound.address);
  const origins = new Set([...hosts].map((each) => `http://${each}`));
  const respond = getRequestListener(createApp(status).fetch, { overrideGlobalObjects: false });
  server.on('error', () => {
    // A connection that could not be taken; the others go on.
  });
  server.on('request', (request, response) => {
    const target = request.url ?? '';
    const refusal = refuseForeign(target, request.rawHeaders, { hosts, origins });
    if (refusal === undefined) return void respond(request, response);
    const body = JSON.stringify({ error: refusal.message });
    response.writeHead(refusal.status, { 'content-type': 'application/json', connection: 'close' }).end(body);
  });
  return { server, url: `http://${authority({ host, port: bound.port })}` };
}

function createApp(status: () => DaemonStatus): Hono {
  const app = new Hono();
  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.get('/ready', (context) => {
    const { ready, parts } = status();
    if (ready) return context.json({ status: 'ready', parts: parts.map(({ name }) => name) });
    const reasons = parts
      .filter((part) => !part.ready)
      .map(({ name, detail }) => ({ subsystem: name, detail: detail ?? 'starting' }));
    return context.json({ status: 'not_ready', reasons }, 503);
  });
  app.get('/metrics', (context) =>
    context.text(renderMetrics(status()), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  for (const path of ['/health', '/ready', '/metrics']) {
    app.all(path, (context) => context.json({ error: 'Method not allowed: use GET' }, 405, { allow: 'GET' }));
  }
  app.notFound((context) =>
    context.json({ error: 'Not found: there are /health, /ready and /metrics' }, 404),
  );
  return app;
}

/** The text format of Prometheus. */
function renderMetrics(status: DaemonStatus): string {
  const lines = [
    '# TYPE nexo_daemon_info gauge',
    `nexo_daemon_info{version="${label(status.version)}"} 1`,
    '# TYPE nexo_daemon_uptime_seconds gauge',
    `nexo_daemon_uptime_seconds ${status.uptime_seconds}`,
    '# TYPE nexo_daemon_wakes_total counter',
    `nexo_daemon_wakes_total ${status.wakes}`,
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    '# TYPE nexo_part_ready gauge',
    ...status.parts.map(({ name, ready }) => `nexo_part_ready{part="${label(name)}"} ${ready ? 1 : 0}`),
    '# TYPE nexo_part_restarts_total counter',
    ...status.parts.map(
      ({ name, restarts }) => `nexo_part_restarts_total{part="${label(name)}"} ${restarts}`,
    ),
    ...status.parts.flatMap(({ metrics = {} }) =>
      Object.entries(metrics).flatMap(([name, value]) => [
        `# TYPE nexo_${name} gauge`,
        `nexo_${name} ${value}`,
      ]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function label(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}
