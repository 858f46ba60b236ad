import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it } from 'vitest';

import { REVISIONS } from '../support/mcp-clients.ts';
import { startHttp } from '../support/mcp-http.ts';
import { mcpCommand, newProject } from '../support/mcp-project.ts';
import { NEXO, nexoJson, runNexo } from '../support/run-nexo.ts';

const TOOLSETS = ['--toolsets', 'workspace,home'];

interface Connected {
  readonly client: Client;
  close(): Promise<void>;
}

const newHome = (): string => join(mkdtempSync(join(tmpdir(), 'plugins-')), '.nexo');

async function overStdio(home: string, options: ClientOptions = {}): Promise<Connected> {
  const client = new Client({ name: 'official', version: '1.0.0' }, options);
  const { command, args } = mcpCommand(...TOOLSETS);
  const env = { HOME: home, PATH: process.env.PATH ?? '', NEXO_HOME: home };
  await client.connect(new StdioClientTransport({ command, args, cwd: newProject(), env, stderr: 'ignore' }));
  return { client, close: () => client.close() };
}

async function overHttp(home: string, options: ClientOptions = {}): Promise<Connected> {
  const endpoint = await startHttp(newProject(), { args: TOOLSETS, home });
  const client = new Client({ name: 'official', version: '1.0.0' }, options);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(endpoint.url), {
      requestInit: { headers: { authorization: `Bearer ${endpoint.token}` } },
    }),
  );
  return {
    client,
    close: async () => {
      await client.close();
      await endpoint.stop();
    },
  };
}

/** Counts the announcements that the list of tools is another one. */
async function announcements(client: Client, isModern: boolean): Promise<() => number> {
  let count = 0;
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    count += 1;
  });
  if (isModern) await client.listen({ toolsListChanged: true });
  return () => count;
}

const plugin = (name: string, answer: string): string =>
  `export const tools = [{ name: '${name}', description: 'Answers.', handler: () => ({ answer: '${answer}' }) }];\n`;

const ownTools = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name).filter((name) => name.startsWith('nexo_e2e'));

const DOORS = [
  ['stdio', '2025-11-25', overStdio],
  ['stdio', '2026-07-28', overStdio],
  ['http', '2026-07-28', overHttp],
] as const;

describe.concurrent('a running server', () => {
  it.for(DOORS)(
    'sees a saved plugin appear, change and disappear: %s, %s',
    async ([, revision, connect], ctx) => {
      const home = newHome();
      const folder = join(home, 'personal', 'plugins');
      mkdirSync(folder, { recursive: true });
      const { client, close } = await connect(home, REVISIONS[revision]);
      ctx.onTestFinished(close);
      const announced = await announcements(client, revision === '2026-07-28');
      ctx.expect(await ownTools(client)).toEqual([]);

      const file = join(folder, 'e2e.mjs');
      writeFileSync(file, plugin('nexo_e2e_one', 'first'));
      await ctx.expect.poll(announced, { timeout: 5000 }).toBe(1);
      ctx.expect(await ownTools(client)).toEqual(['nexo_e2e_one']);
      const call = async (name: string) => (await client.callTool({ name, arguments: {} })).structuredContent;
      ctx.expect(await call('nexo_e2e_one')).toEqual({ answer: 'first' });

      writeFileSync(file, plugin('nexo_e2e_two', 'second'));
      await ctx.expect.poll(announced, { timeout: 5000 }).toBe(2);
      ctx.expect(await ownTools(client)).toEqual(['nexo_e2e_two']);
      ctx.expect(await call('nexo_e2e_two')).toEqual({ answer: 'second' });

      rmSync(file);
      await ctx.expect.poll(announced, { timeout: 5000 }).toBe(3);
      ctx.expect(await ownTools(client)).toEqual([]);
    },
  );

  it('goes on beside a plugin that misbehaves in every way', async (ctx) => {
    const home = newHome();
    const folder = join(home, 'personal', 'plugins');
    mkdirSync(folder, { recursive: true });
    const misbehaves = `export const plugin = { timeout: 1 };
      const tool = (name, handler) => ({ name: 'nexo_e2e_' + name, description: 'Misbehaves.', handler });
      export const tools = [
        tool('loop', () => { for (;;); }),
        tool('exit', () => process.exit(0)),
        tool('huge', () => 'x'.repeat(100 << 20)),
        tool('print', () => { console.log('{"jsonrpc":"2.0","id":1,"result":{}}'); return 'printed'; }),
      ];`;
    writeFileSync(join(folder, 'bad.mjs'), misbehaves);
    writeFileSync(join(folder, 'throws.mjs'), 'throw new Error("not today");');
    writeFileSync(join(folder, 'good.mjs'), plugin('nexo_e2e_good', 'fine'));
    const { client, close } = await overStdio(home);
    ctx.onTestFinished(close);
    await ctx.expect
      .poll(() => ownTools(client), { timeout: 10_000 })
      .toEqual(['nexo_e2e_loop', 'nexo_e2e_exit', 'nexo_e2e_huge', 'nexo_e2e_print', 'nexo_e2e_good']);
    const say = async (name: string) => {
      const result = await client.callTool({ name, arguments: {} });
      return `${result.isError === true ? 'error' : 'ok'} ${JSON.stringify(result.structuredContent)}`;
    };
    ctx.expect(await say('nexo_e2e_loop')).toMatch(/^error .*did not answer within 1 s/);
    ctx.expect(await say('nexo_e2e_exit')).toMatch(/^error .*exit code 0/);
    ctx.expect(await say('nexo_e2e_huge')).toMatch(/^error .*100\.0 MiB/);
    ctx.expect(await say('nexo_e2e_print')).toBe('ok {"result":"printed"}');
    ctx.expect(await say('nexo_e2e_good')).toBe('ok {"answer":"fine"}');
    const { structuredContent } = await client.callTool({ name: 'nexo_plugin_list', arguments: {} });
    ctx.expect(structuredContent).toMatchObject({
      plugins: [
        { file: 'bad.mjs', status: 'loaded' },
        { file: 'good.mjs', status: 'loaded' },
        { file: 'throws.mjs', status: 'failed', last_error: 'Plugin throws.mjs: not today.' },
      ],
    });
  });

  it('leaves no process behind when it is killed', async (ctx) => {
    const home = newHome();
    const folder = join(home, 'personal', 'plugins');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'e2e.mjs'),
      `export const tools = [{ name: 'nexo_e2e_pid', description: 'Loops.', handler: () => {
        setTimeout(() => { for (;;); }, 10);
        return { pid: process.pid };
      } }];`,
    );
    const client = new Client({ name: 'official', version: '1.0.0' });
    const { command, args } = mcpCommand(...TOOLSETS);
    const env = { HOME: home, PATH: process.env.PATH ?? '', NEXO_HOME: home };
    const transport = new StdioClientTransport({ command, args, cwd: newProject(), env, stderr: 'ignore' });
    await client.connect(transport);
    const { structuredContent } = await client.callTool({ name: 'nexo_e2e_pid', arguments: {} });
    const { pid } = structuredContent as { pid: number };
    ctx.expect(() => process.kill(pid, 0)).not.toThrow();
    process.kill(transport.pid ?? 0, 'SIGKILL');
    await ctx.expect.poll(() => isGone(pid), { timeout: 5000 }).toBe(true);
    await client.close();
  });
});

describe('nexo plugins', () => {
  it('makes a plugin with its companion, and tools of it answer in every way to call them', async () => {
    const env = { NEXO_HOME: newHome() };
    const made = await nexoJson(['plugins', 'create', 'CRM Bridge', '--companion'], { env });
    expect(made).toMatchObject({
      ok: true,
      name: 'crm-bridge',
      tool_name: 'nexo_crm_bridge',
      plugin_path: join(env.NEXO_HOME, 'personal/plugins/crm-bridge.ts'),
      companion_script: join(env.NEXO_HOME, 'personal/scripts/ps-crm-bridge.ts'),
    });
    expect(await nexoJson(['plugins', 'list'], { env })).toMatchObject({
      plugins: [{ file: 'crm-bridge.ts', status: 'loaded', tools: ['nexo_crm_bridge'], running: false }],
    });
    const answer = { ok: true, query: 'Ada' };
    const input = JSON.stringify({ query: 'Ada' });
    expect(await nexoJson(['plugins', 'call', 'nexo_crm_bridge', '--input', input], { env })).toEqual(answer);
    expect(await nexoJson(['scripts', 'call', 'nexo_crm_bridge', '--input', input], { env })).toEqual(answer);
    const again = await runNexo(['plugins', 'create', 'crm-bridge', '--runtime', 'python', '--companion'], {
      env,
    });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('PLUGIN_EXISTS') });
  });

  it('takes an MCP server that is there already, Nexo itself for one', async () => {
    const env = { NEXO_HOME: newHome() };
    const folder = join(env.NEXO_HOME, 'personal', 'plugins');
    mkdirSync(folder, { recursive: true });
    const manifest = {
      command: process.execPath,
      args: [NEXO, 'mcp', '--root', newProject()],
      tools: ['nx_task_list'],
    };
    writeFileSync(join(folder, 'other.plugin.json'), JSON.stringify(manifest));
    expect(await nexoJson(['plugins', 'call', 'nexo_other_nx_task_list'], { env })).toEqual({
      exists: false,
    });
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
