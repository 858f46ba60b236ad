import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

import { mcpCommand, newProject } from '../support/mcp-project.ts';
import { type Json, RawServer, toolCall } from '../support/mcp-raw.ts';

// The server as a process among processes: how it starts, ends and is ended.

const INITIALIZE: Json = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } },
};

function pipe(cwd: string, lines: readonly (Json | string)[], end = '\n') {
  const text = lines.map((line) =>
    typeof line === 'string' ? line : JSON.stringify({ jsonrpc: '2.0', ...line }),
  );
  const { command, args } = mcpCommand();
  const run = spawnSync(command, args, {
    cwd,
    input: text.join('\n') + end,
    encoding: 'utf8',
    timeout: 30_000,
  });
  const messages = run.stdout.split('\n').filter((line) => line !== '');
  return { ...run, messages: messages.map((line) => JSON.parse(line) as Json) };
}

const tasksOf = (project: string) =>
  JSON.parse(readFileSync(join(project, '.nexus', 'state', 'tasks.json'), 'utf8')).tasks as Json[];

describe('a pipeline', () => {
  it('gets all its answers, in order of effect, although its input ends at once', () => {
    const project = newProject();
    const calls = Array.from({ length: 50 }, (_each, n) =>
      toolCall(n, 'nx_task_add', { title: `t${n}`, context: 'c' }),
    );
    const { status, stderr, messages } = pipe(project, [
      INITIALIZE,
      ...calls,
      toolCall('list', 'nx_task_list'),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(messages).toHaveLength(52);
    expect(messages.find(({ id }) => id === 'list')).toMatchObject({
      result: { structuredContent: { summary: { total: 50 } } },
    });
    expect(tasksOf(project).map(({ title }) => title)).toEqual(calls.map((_each, n) => `t${n}`));
  });

  it('may leave out the last newline, and hold blank lines, carriage returns and a byte order mark', () => {
    const line = (message: Json) => JSON.stringify({ jsonrpc: '2.0', ...message });
    const { messages } = pipe(
      newProject(),
      ['\uFEFF', '', `${line(INITIALIZE)}\r`, line(toolCall(1, 'nx_context'))],
      '',
    );
    expect(messages.map(({ id }) => id)).toEqual(['init', 1]);
  });

  it('gets an answer to what is no message, and everything after it', () => {
    const bad = [
      '{bad',
      '[]',
      '"text"',
      '{"jsonrpc":"2.0","id":7,"method":5}',
      '{"jsonrpc":"1.0","id":8,"method":"ping"}',
    ];
    const { status, messages } = pipe(newProject(), [...bad, INITIALIZE, { id: 9, method: 'ping' }]);
    expect(status).toBe(0);
    const errors = messages.filter((message) => 'error' in message);
    expect(errors.map(({ id, error }) => [id, (error as { code: number }).code])).toEqual([
      [null, -32700],
      [null, -32600],
      [null, -32600],
      [7, -32600],
      [8, -32600],
    ]);
    expect(messages).toContainEqual({ jsonrpc: '2.0', id: 9, result: expect.any(Object) });
  });

  it('gets an answer to a message over the size limit under its own id, and everything after it', () => {
    const project = newProject();
    const huge = toolCall('huge', 'nx_artifact_write', {
      filename: 'a',
      content: 'x'.repeat(5 * 1024 * 1024),
    });
    const { status, messages } = pipe(project, [INITIALIZE, huge, toolCall('next', 'nx_context')]);
    expect(status).toBe(0);
    expect(messages.find(({ id }) => id === 'huge')).toMatchObject({ error: { code: -32600 } });
    expect(messages.find(({ id }) => id === 'next')).toHaveProperty('result');
  });

  it('gets refusals in a home directory, and the remedy', () => {
    const { status, messages } = pipe(homedir(), [
      INITIALIZE,
      toolCall(1, 'nx_task_add', { title: 't', context: 'c' }),
    ]);
    expect(status).toBe(0);
    expect(messages.find(({ id }) => id === 'init')).toMatchObject({
      result: { instructions: expect.stringMatching(/has no project: .*NEXO_PROJECT_ROOT/) },
    });
    expect(messages.find(({ id }) => id === 1)).toMatchObject({
      result: {
        isError: true,
        structuredContent: { error: expect.stringMatching(/^PROJECT_ROOT_AMBIGUOUS: /) },
      },
    });
  });

  it('is told when there is nothing in it', () => {
    const { status, stdout, stderr } = pipe(newProject(), [], '');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toContain('standard input ended before any message');
  });
});

describe('the process', () => {
  it('says why it ends when standard input is closed from the start', () => {
    const { command, args } = mcpCommand();
    const words = [command, ...args].map((word) => `'${word}'`).join(' ');
    const run = spawnSync('sh', ['-c', `${words} <&-`], {
      cwd: newProject(),
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 0, stdout: '' });
    expect(run.stderr).toContain('standard input');
  });

  it('ends with its client: at the end of input, and at once after SIGTERM', async () => {
    const server = new RawServer(newProject());
    await server.initialize();
    server.process.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });

    const terminated = new RawServer(newProject());
    await terminated.initialize();
    terminated.process.kill('SIGTERM');
    expect(await terminated.ended).toEqual({ code: 143, signal: null });

    const interrupted = new RawServer(newProject());
    await interrupted.initialize();
    interrupted.process.kill('SIGINT');
    expect(await interrupted.ended).toEqual({ code: 130, signal: null });
  });

  it('ends when nobody is left to read its answers', async () => {
    const server = new RawServer(newProject(), { reads: false });
    server.process.stdout.destroy();
    server.send(INITIALIZE, toolCall(1, 'nx_context'));
    expect((await server.ended).code).toBe(0);
  });

  it('reads on while many calls wait for what the client has yet to say', async () => {
    const project = newProject();
    const server = new RawServer(newProject());
    await server.initialize({ roots: {} });
    server.send(...Array.from({ length: 300 }, (_each, n) => toolCall(n, 'nx_context')));
    const question = await server.heard(({ method }) => method === 'roots/list');
    server.send({ id: question.id, result: { roots: [{ uri: pathToFileURL(project).href }] } });
    for (const id of [0, 299]) {
      expect(await server.answer(id)).toMatchObject({ result: { _meta: { 'nexo/workspace': project } } });
    }
    server.process.stdin.end();
    await server.ended;
  });

  it('watches without keeping itself alive', async () => {
    const server = new RawServer(newProject());
    await server.initialize();
    server.send({ id: 1, method: 'resources/subscribe', params: { uri: 'nexus://plan' } });
    await server.answer(1);
    server.process.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it('keeps protocol alone on standard output, whatever a preloaded library prints there', async () => {
    const project = newProject();
    const chatty = join(project, 'chatty.mjs');
    writeFileSync(
      chatty,
      `setInterval(() => { console.log('chatter'); process.stdout.write('more chatter\\n'); }, 1).unref();`,
    );
    const server = new RawServer(project, { env: { NODE_OPTIONS: `--import ${chatty}` } });
    await server.complained('more chatter');
    await server.initialize();
    await server.call(1, 'nx_context');
    server.process.stdin.end();
    await server.ended;
    expect(server.stderr).toContain('chatter');
    // What was printed before our first line of code ran is beyond anybody's reach; nothing is after it.
    const first = server.lines.findIndex((line) => line.startsWith('{'));
    expect(server.lines.slice(first).filter((line) => !line.startsWith('{"jsonrpc":"2.0"'))).toEqual([]);
  });

  it('answers a damaged file with the file and the reason, keeps its bytes and serves the rest', async () => {
    const project = newProject();
    mkdirSync(join(project, '.nexus', 'state'), { recursive: true });
    writeFileSync(join(project, '.nexus', 'state', 'tasks.json'), '{bad');
    const server = new RawServer(project);
    await server.initialize();
    expect(await server.call(1, 'nx_task_add', { title: 't', context: 'c' })).toEqual({
      error: expect.stringMatching(/^STATE_DAMAGED: .*tasks\.json/),
    });
    expect(readFileSync(join(project, '.nexus', 'state', 'tasks.json'), 'utf8')).toBe('{bad');
    expect(await server.call(2, 'nx_plan_status')).toEqual({ active: false });
    server.process.stdin.end();
    await server.ended;
  });
});

describe('several clients of one project', () => {
  it('do not notice one that asks for much and never reads', async () => {
    const project = newProject();
    const good = new RawServer(project);
    await good.initialize();
    await good.call('big', 'nx_task_add', { title: 't', context: 'x'.repeat(100_000) });
    const deaf = new RawServer(project, { reads: false });
    deaf.process.stdout.pause();
    deaf.send(INITIALIZE);
    for (let n = 0; n < 500; n += 1) deaf.send(toolCall(n, 'nx_task_list'));
    for (let n = 0; n < 20; n += 1) {
      expect(await good.call(n, 'nx_task_add', { title: `t${n}`, context: 'c' })).toHaveProperty('task');
    }
    expect(tasksOf(project)).toHaveLength(21);
    // The server of the deaf one holds a bounded part of 100 MB of answers, and still obeys.
    expect(residentBytes(deaf.process.pid)).toBeLessThan(200 * 1024 * 1024);
    deaf.process.kill('SIGTERM');
    expect((await deaf.ended).code).toBe(143);
    good.process.stdin.end();
    await good.ended;
  });

  it('go on when another client is killed in the middle of its calls, and lose nothing it was told', async () => {
    const project = newProject();
    const survivor = new RawServer(project);
    await survivor.initialize();
    // A client in a process of its own: it passes on what it is told, until it is killed.
    const { command, args } = mcpCommand();
    const script = `
      const { spawn } = require('node:child_process');
      const server = spawn(${JSON.stringify(command)}, ${JSON.stringify(args)}, { stdio: ['pipe', 'pipe', 'ignore'] });
      console.log('pid ' + server.pid);
      server.stdout.pipe(process.stdout);
      server.stdin.write(${JSON.stringify(`${JSON.stringify(INITIALIZE)}\n`)});
      let id = 0;
      const timer = setInterval(() => {
        for (let n = 0; n < 5; n += 1) {
          id += 1;
          server.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call',
            params: { name: 'nx_task_add', arguments: { title: 'k' + id, context: 'c' } } }) + '\\n');
        }
      }, 1);`;
    const doomed = spawn(process.execPath, ['-e', script], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    await new Promise<void>((resolve) => {
      doomed.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text;
        if (told.split('"structuredContent"').length > 20) resolve();
      });
    });
    const gone = new Promise((resolve) => doomed.once('close', resolve));
    doomed.kill('SIGKILL');
    await gone;
    expect(await survivor.call('after', 'nx_task_add', { title: 'after', context: 'c' })).toHaveProperty(
      'task',
    );
    const titles = tasksOf(project).map(({ title }) => title);
    const acknowledged = [...told.matchAll(/"structuredContent":\{"task":\{"id":\d+,"title":"(k\d+)"/g)].map(
      ([, t]) => t,
    );
    expect(acknowledged.length).toBeGreaterThanOrEqual(20);
    expect(titles).toEqual(expect.arrayContaining([...acknowledged, 'after']));
    const ids = tasksOf(project).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await processEnd(Number(/^pid (\d+)$/m.exec(told)?.[1]));
    survivor.process.stdin.end();
    await survivor.ended;
  });
});

function residentBytes(pid: number | undefined): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(stdout) * 1024;
}

/** Resolves when the process is no more: the orphaned server has to notice by itself that its client is gone. */
async function processEnd(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
