import { chmodSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { writeFiles } from '../../../test/support/persona-pack.ts';
import { type PluginRunEvent, preparePluginRun, runPlugin } from './run-plugin.ts';

/** Answers as a plugin does; `heard` gets every request that it is sent. */
const GOOD = `
const { appendFileSync } = require('node:fs');
let held = '';
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
process.stderr.write('clock starts\\n');
process.stdin.on('data', (chunk) => {
  const lines = (held + chunk).split('\\n');
  held = lines.pop();
  for (const line of lines) {
    appendFileSync('heard', line + '\\n');
    const { id, method } = JSON.parse(line);
    if (method === 'initialize') {
      console.log('this is no message');
      say({ id: 9, method: 'memory.recall' });
      say({ id, result: { manifest: { plugin: { id: process.env.SAYS ?? 'clock' } } } });
    }
    if (method === 'shutdown') process.exit(0);
  }
});
`;

function plugin(program: string, { entrypoint = true } = {}): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'run-plugin-')));
  writeFiles(dir, {
    'plugin.toml': [
      'manifest_version = 2',
      '[plugin]',
      'id = "clock"',
      'version = "1.0.0"',
      'name = "Clock"',
      'min_nexo_version = ">=0.1.0"',
      ...(entrypoint ? ['[plugin.entrypoint]', 'command = "./bin/clock"', 'args = ["--now"]'] : []),
      '',
    ].join('\n'),
    'bin/clock': `#!${process.execPath}\n${program}`,
  });
  chmodSync(join(dir, 'bin/clock'), 0o755);
  return dir;
}

function run(dir: string, more: { env?: Record<string, string>; initTimeoutMs?: number } = {}) {
  const stop = new AbortController();
  const events: PluginRunEvent[] = [];
  const ended = runPlugin(preparePluginRun(dir, '0.1.0'), {
    env: more.env ?? {},
    configuration: { zone: 'UTC' },
    nexoVersion: '0.1.0',
    initTimeoutMs: more.initTimeoutMs ?? 5000,
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'ready') stop.abort();
    },
  });
  return { events, ended };
}

describe('a plugin under development', () => {
  it('is greeted, configured, listened to, and asked to shut down', async () => {
    const dir = plugin(GOOD);
    const { events, ended } = run(dir);
    expect(await ended).toBe(null);
    expect(events).toEqual(
      expect.arrayContaining([
        { kind: 'log', line: 'clock starts' },
        { kind: 'stray', line: 'this is no message' },
        { kind: 'message', line: expect.stringContaining('memory.recall') },
        { kind: 'ready' },
      ]),
    );
    const heard = readFileSync(join(dir, 'heard'), 'utf8').trimEnd().split('\n');
    expect(heard.map((line) => JSON.parse(line))).toMatchObject([
      { id: 1, method: 'initialize', params: { nexo_version: '0.1.0' } },
      { id: 9, error: { code: -32601 } },
      { method: 'plugin.configure', params: { value: { zone: 'UTC' } } },
      { method: 'shutdown', params: { reason: 'stopped' } },
    ]);
  });

  it.each([
    ['is another', GOOD, { env: { SAYS: 'other' } }, /says that it is "other"/],
    ['ends at once', 'process.exit(3)', {}, /ended with exit code 3 before/],
    ['says nothing', 'process.stdin.resume()', { initTimeoutMs: 300 }, /did not answer within 0.3 s/],
  ])('that %s is refused, and nothing of it goes on', async (_what, program, more, message) => {
    await expect(run(plugin(program), more).ended).rejects.toThrow(message);
  });

  it('has to be one that can be started', () => {
    const kindOf = (path: string): unknown => {
      try {
        return preparePluginRun(path, '0.1.0').id;
      } catch (error) {
        return (error as { data?: { kind?: string } }).data?.kind;
      }
    };
    const good = plugin(GOOD);
    expect(kindOf(good)).toBe('clock');
    expect(kindOf(join(good, 'plugin.toml'))).toBe('clock');
    expect(kindOf(join(good, 'nothing'))).toBe('PathNotFound');
    expect(kindOf(join(good, 'bin'))).toBe('NotAPluginPath');
    expect(kindOf(plugin(GOOD, { entrypoint: false }))).toBe('MissingEntrypoint');
  });
});
