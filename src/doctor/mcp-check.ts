import { type Check, critical, healthy } from '../base/check.ts';
import { runProcess } from '../base/process.ts';

export interface McpCheckContext {
  readonly env: NodeJS.ProcessEnv;
  readonly projectRoot: string | undefined;
  readonly program: { readonly node: string; readonly file: string };
  readonly signal: AbortSignal;
}

/** How long the server may take to start and answer, in milliseconds. */
const ANSWER_MS = 10_000;

const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'nexo-doctor', version: '1' },
  },
};

/** Starts the server as a client would, and says hello. */
const server: Check<McpCheckContext> = {
  id: 'runtime.mcp',
  tier: 'runtime',
  run: async ({ env, projectRoot, program, signal }) => {
    if (projectRoot === undefined) return healthy('There is no project here to serve.');
    const { stdout, stderr, code, timedOut } = await runProcess(
      program.node,
      [program.file, 'mcp', '--root', projectRoot],
      { env, signal, timeoutMs: ANSWER_MS, input: `${JSON.stringify(HELLO)}\n` },
    );
    const name = serverName(stdout);
    if (name !== undefined) return healthy(`The MCP server answers: ${name}.`);
    return critical('The MCP server does not answer a client.', {
      evidence: [
        timedOut ? `nothing came within ${ANSWER_MS / 1000} s` : `it ended with ${code}`,
        ...stderr.trim().split('\n').slice(-3),
      ].filter((line) => line !== ''),
      repairPlan: [`Start it by hand and look: nexo mcp --root ${projectRoot}`],
    });
  },
};

export const MCP_CHECKS: readonly Check<McpCheckContext>[] = [server];

/** What the server calls itself in its first answer; undefined when that is no answer. */
function serverName(stdout: string): string | undefined {
  try {
    const value: unknown = JSON.parse(stdout.split('\n')[0] ?? '');
    const info = property(property(value, 'result'), 'serverInfo');
    const [name, version] = [property(info, 'name'), property(info, 'version')];
    return typeof name === 'string' ? `${name} ${String(version ?? '')}`.trim() : undefined;
  } catch {
    return undefined;
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
