import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { RawServer } from './mcp-raw.ts';

/** A running HTTP endpoint of one project, in a NEXO_HOME of its own. */
export interface HttpEndpoint {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly tokenFile: string;
  readonly server: RawServer;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
}

export async function startHttp(
  cwd: string,
  { address = '127.0.0.1:0', args = [] as string[], home = mkdtempSync(join(tmpdir(), 'mcp-home-')) } = {},
): Promise<HttpEndpoint> {
  const server = new RawServer(cwd, { args: ['--http', address, ...args], env: { NEXO_HOME: home } });
  await server.complained('the token is in');
  const [, url = '', tokenFile = ''] = /at (http:\S+\/mcp); the token is in (.+)$/m.exec(server.stderr) ?? [];
  return {
    url,
    port: Number(new URL(url).port),
    token: readFileSync(tokenFile, 'utf8').trim(),
    tokenFile,
    server,
    stop: async () => {
      server.process.kill('SIGTERM');
      await server.ended;
    },
  };
}
