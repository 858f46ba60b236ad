import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { NexoError } from '../errors.ts';
import { type Log, type LogOptions, openLog } from './log.ts';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) };

async function logged(act: (log: Log) => void, options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  act(await openLog({ to: { write: (line: string) => lines.push(line) }, clock, ...options }));
  return {
    text: lines.join(''),
    lines,
    objects: lines.map((line): Record<string, unknown> => JSON.parse(line)),
  };
}

describe('openLog', () => {
  it('writes one JSON object per line with level, time, process and fields', async () => {
    const { text, objects } = await logged((log) => {
      log.info('started', { port: 80, path: 'a\nb', nested: { list: [1, null, true] } });
      log.error('ended');
    });
    expect(objects).toEqual([
      {
        level: 'info',
        time: '2026-01-02T03:04:05.006Z',
        pid: process.pid,
        port: 80,
        path: 'a\nb',
        nested: { list: [1, null, true] },
        message: 'started',
      },
      { level: 'error', time: '2026-01-02T03:04:05.006Z', pid: process.pid, message: 'ended' },
    ]);
    expect(text.match(/\n/g)).toHaveLength(2);
  });

  it('writes from the given level on', async () => {
    const say = (log: Log) => {
      for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
    };
    const levels = async (options: Partial<LogOptions>) =>
      (await logged(say, options)).objects.map((o) => o.level);
    expect(await levels({})).toEqual(['info', 'warn', 'error']);
    expect(await levels({ level: 'debug' })).toEqual(['debug', 'info', 'warn', 'error']);
    expect(await levels({ level: 'error' })).toEqual(['error']);
  });

  it('adds the fields of a child, which a line may override without a key coming twice', async () => {
    const { objects, text } = await logged((log) => {
      const child = log.child({ part: 'mcp', session: 1 }).child({ session: 2 });
      child.info('a');
      child.info('b', { session: 3 });
    });
    expect(objects).toMatchObject([
      { part: 'mcp', session: 2 },
      { part: 'mcp', session: 3 },
    ]);
    expect(text.match(/"session"/g)).toHaveLength(2);
  });

  it('does not let a field pass for what every line has', async () => {
    const { objects, text } = await logged((log) =>
      log.info('real', { level: 'fatal', message: 'fake', time: 0, pid: 1 }),
    );
    expect(objects[0]).toMatchObject({
      level: 'info',
      message: 'real',
      level_: 'fatal',
      message_: 'fake',
      time_: 0,
      pid_: 1,
    });
    expect(text.match(/"(level|message|time|pid)":/g)).toHaveLength(4);
  });

  it('writes errors with code, hint and causes', async () => {
    const error = new NexoError('IO_FAILED', 'no', { hint: 'yes', cause: new Error('deeper') });
    const { objects } = await logged((log) => log.warn('failed', { error }));
    expect(objects[0]?.error).toMatchObject({
      name: 'NexoError',
      code: 'IO_FAILED',
      message: 'no',
      hint: 'yes',
      cause: { message: 'deeper' },
    });
  });

  it('escapes terminal escapes, hidden marks and line separators wherever they come from', async () => {
    const nasty = 'a\u001b[2Jb\u009b31mc\u202ed\u2028e\u007ff\u{e0041}g\ud800h';
    const { text, objects } = await logged((log) =>
      log.info(nasty, { [nasty]: nasty, error: new Error(nasty) }),
    );
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}](?!$)/u);
    expect(objects[0]).toMatchObject({ message: nasty, [nasty]: nasty });
  });

  it('keeps secrets out of every place of a line', async () => {
    const secret = 'hunter2 "is" \\ mine';
    const places = {
      [`key ${secret}`]: secret,
      nested: [{ deep: `x${secret}x` }],
      base64: Buffer.from(`user:${secret}`).toString('base64'),
      error: new Error(secret, { cause: secret }),
      map: new Map([[secret, secret]]),
      url: new URL(`https://host/?q=${encodeURIComponent(secret)}`).href,
    };
    const { text, objects } = await logged(
      (log) => log.child({ bound: secret }).info(`m ${secret}`, places),
      {
        secrets: [secret],
      },
    );
    expect(text).not.toMatch(/hunter2|aHVudGVyM|mine/);
    expect(objects[0]).toMatchObject({ message: 'm [redacted]', bound: '[redacted]' });
  });

  it('hides fields whose name says secret, and numbers that are one', async () => {
    const { objects } = await logged(
      (log) =>
        log.info('x', { password: 'p', headers: { Authorization: 'anything' }, pin: 424242, maxTokens: 5 }),
      { secrets: ['424242'] },
    );
    expect(objects[0]).toMatchObject({
      password: '[redacted]',
      headers: { Authorization: '[redacted]' },
      pin: '[redacted]',
      maxTokens: 5,
    });
  });

  it('takes anything: cycles, getters that throw, functions, huge and odd values', async () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const odd = {
      cycle,
      getter: Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      }),
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
      fn: () => 1,
      symbol: Symbol('s'),
      big: 10n ** 30n,
      nan: Number.NaN,
      bytes: Buffer.from('abc'),
      date: new Date(Number.NaN),
      long: 'x'.repeat(1_000_000),
      many: Array.from({ length: 100_000 }, (_, i) => i),
      bare: Object.assign(Object.create(null) as object, { a: 1 }),
    };
    const { text, objects } = await logged((log) => log.info('odd', odd));
    expect(text.length).toBeLessThan(20_000);
    expect(objects[0]).toMatchObject({
      getter: '[unreadable]',
      proxy: '[unreadable]',
      fn: '[function]',
      big: `1${'0'.repeat(30)}`,
      nan: 'NaN',
      bytes: '[3 bytes]',
      date: null,
      bare: { a: 1 },
    });
  });

  it('gives valid JSON on one line for any data', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.anything()),
        async (message, fields) => {
          const { lines, objects } = await logged((log) => log.info(message, fields), {
            secrets: ['level', 'info', '2026', '":"'],
          });
          expect(lines).toHaveLength(1);
          expect(objects[0]).toHaveProperty('message');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('does not break the work when the stream throws', async () => {
    const log = await openLog({
      to: {
        write: () => {
          throw new Error('gone');
        },
      },
    });
    expect(() => log.error('x')).not.toThrow();
  });

  it('writes a file that only its owner can read, and says how many lines were lost', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'nexo-log-')), 'nexo.log');
    mkdirSync(path);
    const log = await openLog({ to: { path }, clock });
    log.info('lost');
    log.info('lost too');
    rmdirSync(path);
    log.info('back');
    log.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { level: 'info', message: 'back' },
      { level: 'warn', message: 'log lines were lost', lines: 2 },
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
