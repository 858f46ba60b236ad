import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { RotatingFile } from './rotating-file.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'nexo-rotating-'));
const text = (path: string) => readFileSync(path, 'utf8');
const mode = (path: string) => statSync(path).mode & 0o777;

describe('RotatingFile', () => {
  it('makes the file and its folder for their owner only, whatever the umask', () => {
    const path = join(folder(), 'logs', 'a.log');
    const before = process.umask(0);
    const file = new RotatingFile({ path, maxBytes: 100, keep: 1 });
    file.write('one\n');
    process.umask(before);
    expect([mode(path), mode(join(path, '..'))]).toEqual([0o600, 0o700]);
    expect(text(path)).toBe('one\n');
  });

  it('narrows a file that others can read', () => {
    const path = join(folder(), 'a.log');
    writeFileSync(path, 'old\n');
    chmodSync(path, 0o644);
    new RotatingFile({ path, maxBytes: 100, keep: 1 }).write('new\n');
    expect([text(path), mode(path)]).toEqual(['old\nnew\n', 0o600]);
  });

  it('sets a full file aside and keeps as many as asked', () => {
    const path = join(folder(), 'a.log');
    writeFileSync(`${path}.mine`, 'not yours');
    const file = new RotatingFile({ path, maxBytes: 8, keep: 2, clock: { now: () => 0 } });
    for (const line of ['1', '2', '3', '4', '5', '6', '7']) file.write(`${line}..\n`);
    const name = `a.log.19700101T000000.000Z-${process.pid}`;
    const files = readdirSync(join(path, '..')).sort();
    expect(files).toEqual(['a.log', `${name}-000002`, `${name}-000003`, 'a.log.mine']);
    expect(files.map((each) => text(join(path, '..', each)))).toEqual([
      '7..\n',
      '3..\n4..\n',
      '5..\n6..\n',
      'not yours',
    ]);
  });

  it('keeps none when none are wanted, and counts what an earlier process wrote', () => {
    const path = join(folder(), 'a.log');
    writeFileSync(path, '1234567\n');
    new RotatingFile({ path, maxBytes: 10, keep: 0 }).write('next\n');
    expect(readdirSync(join(path, '..'))).toEqual(['a.log']);
    expect(text(path)).toBe('next\n');
  });

  it('writes a line that is longer than the bound rather than lose it', () => {
    const path = join(folder(), 'a.log');
    const file = new RotatingFile({ path, maxBytes: 4, keep: 1 });
    file.write('much too long\n');
    expect(text(path)).toBe('much too long\n');
  });

  it('begins its own line after one that a crash cut', () => {
    const path = join(folder(), 'a.log');
    writeFileSync(path, '{"a":1}\n{"b":');
    new RotatingFile({ path, maxBytes: 1000, keep: 1 }).write('{"c":3}\n');
    expect(text(path)).toBe('{"a":1}\n{"b":\n{"c":3}\n');
  });

  it('never writes through a link', () => {
    const base = folder();
    const target = join(base, 'precious');
    writeFileSync(target, 'keep');
    symlinkSync(target, join(base, 'a.log'));
    const file = new RotatingFile({ path: join(base, 'a.log'), maxBytes: 100, keep: 1 });
    file.write('x\n');
    expect([text(target), file.lostLines]).toEqual(['keep', 1]);
  });

  it('does not wait for a reader when a pipe lies in its place', () => {
    const path = join(folder(), 'a.log');
    execFileSync('mkfifo', [path]);
    const file = new RotatingFile({ path, maxBytes: 100, keep: 1 });
    file.write('x\n');
    expect(file.lostLines).toBe(1);
  });

  it('counts what it cannot write and goes on as soon as it can', () => {
    const path = join(folder(), 'a.log');
    mkdirSync(path);
    const file = new RotatingFile({ path, maxBytes: 100, keep: 1 });
    file.write('1\n');
    file.write('2\n');
    expect(file.lostLines).toBe(2);
    rmdirSync(path);
    file.write('3\n');
    expect([text(path), file.lostLines]).toEqual(['3\n', 0]);
  });

  it('survives a disk that is full in the middle of a line', () => {
    const path = join(folder(), 'a.log');
    const code = `
      const { RotatingFile } = await import(${JSON.stringify(new URL('./rotating-file.ts', import.meta.url).href)});
      const file = new RotatingFile({ path: process.argv[1], maxBytes: 1e6, keep: 1 });
      for (let i = 0; i < 100; i++) file.write('x'.repeat(99) + '\\n');
      process.stdout.write(String(file.lostLines));`;
    // The limit on the size of a file stands in for a full disk: 8 blocks of 512 or 1024 bytes.
    const args = [
      '-c',
      'ulimit -f 8 && exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      code,
      path,
    ];
    const lost = Number(execFileSync('sh', args, { encoding: 'utf8' }));
    expect(lost).toBeGreaterThan(10);
    expect(text(path).startsWith(`${'x'.repeat(99)}\n`)).toBe(true);
    new RotatingFile({ path, maxBytes: 1e6, keep: 1 }).write('after\n');
    expect(text(path).endsWith('\nafter\n')).toBe(true);
  });

  it('keeps every line whole when several processes write and set aside at once', async () => {
    const path = join(folder(), 'a.log');
    const code = `
      const { RotatingFile } = await import(${JSON.stringify(new URL('./rotating-file.ts', import.meta.url).href)});
      const file = new RotatingFile({ path: process.argv[1], maxBytes: 4000, keep: 50 });
      for (let i = 0; i < 200; i++) file.write(process.argv[2] + ' ' + i + ' ' + 'x'.repeat(i % 80) + ' end\\n');`;
    const run = promisify(execFile);
    const writers = ['a', 'b', 'c'].map((name) =>
      run(process.execPath, ['--input-type=module', '-e', code, path, name]),
    );
    await Promise.all(writers);
    const files = readdirSync(join(path, '..')).map((name) => text(join(path, '..', name)));
    const lines = files.flatMap((content) => content.trimEnd().split('\n'));
    expect(lines.filter((line) => !/^[abc] \d+ x* end$/.test(line))).toEqual([]);
    expect(new Set(lines).size).toBe(600);
    expect(files.length).toBeGreaterThan(2);
  });
});
