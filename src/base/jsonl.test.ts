import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { nodeFileSystem as fs } from './file-system.ts';
import { appendJsonl, readJsonl, removeFromJsonl, upsertJsonl } from './jsonl.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = newFolder('jsonl-');
  path = join(folder, 'log.jsonl');
});

const code = (name: string): unknown => expect.objectContaining({ name: 'NexoError', code: name });

describe('readJsonl', () => {
  it('gives no values for no file and for an empty one', () => {
    expect(readJsonl(fs, path)).toEqual({ values: [], skippedLines: 0 });
    writeFileSync(path, '\n \r\n');
    expect(readJsonl(fs, path)).toEqual({ values: [], skippedLines: 0 });
  });

  it('passes over lines that do not parse and counts them', () => {
    writeFileSync(path, '{"a":1}\r\n{"torn":\n\0\0\0\n[2]\n{"b":');
    expect(readJsonl(fs, path)).toEqual({ values: [{ a: 1 }, [2]], skippedLines: 3 });
  });

  it('refuses what is no file', () => {
    mkdirSync(path);
    expect(() => readJsonl(fs, path)).toThrow(code('PATH_NOT_A_FILE'));
  });
});

describe('appendJsonl', () => {
  it('makes the file for its owner alone and adds a line at a time', () => {
    appendJsonl(fs, path, { text: 'a\nb ä' });
    appendJsonl(fs, path, [1]);
    expect(readFileSync(path, 'utf8')).toBe('{"text":"a\\nb ä"}\n[1]\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('begins on its own line after a torn one', () => {
    writeFileSync(path, '{"a":1}\n{"torn":');
    appendJsonl(fs, path, 2);
    appendJsonl(fs, path, 3);
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"torn":\n2\n3\n');
    expect(readJsonl(fs, path).values).toEqual([{ a: 1 }, 2, 3]);
  });

  it.each([
    ['a link', () => symlinkSync('elsewhere', path)],
    ['a folder', () => mkdirSync(path)],
    ['a pipe', () => execFileSync('mkfifo', [path])],
  ])('refuses %s at once', (_name, make) => {
    make();
    expect(() => appendJsonl(fs, path, 1)).toThrow(code('PATH_NOT_A_FILE'));
  });

  it('does not report success for half a line, and the next one stands on its own', () => {
    const { fs: counting, calls } = faultyFileSystem();
    appendJsonl(counting, path, { n: 0 });
    const at = calls.findIndex(({ name }) => name === 'writeSync');
    expect(() => appendJsonl(faultyFileSystem({ at: at + 1, with: 'ENOSPC' }).fs, path, { n: 1 })).toThrow(
      code('IO_FAILED'),
    );
    const short: typeof fs = {
      ...fs,
      writeSync: ((fd: number, bytes: Buffer) => fs.writeSync(fd, bytes, 0, 3)) as typeof fs.writeSync,
    };
    expect(() => appendJsonl(short, path, { n: 2 })).toThrow(code('IO_FAILED'));
    appendJsonl(fs, path, { n: 3 });
    expect(readJsonl(fs, path)).toEqual({ values: [{ n: 0 }, { n: 3 }], skippedLines: 2 });
  });

  it('keeps every line of several processes that append at once', async () => {
    const program = `
      import { nodeFileSystem } from ${JSON.stringify(new URL('./file-system.ts', import.meta.url).href)};
      import { appendJsonl } from ${JSON.stringify(new URL('./jsonl.ts', import.meta.url).href)};
      for (let n = 0; n < 200; n += 1) {
        appendJsonl(nodeFileSystem, ${JSON.stringify(path)}, { who: process.argv[1], n, pad: 'x'.repeat(n * 7) });
      }`;
    const runs = ['a', 'b', 'c'].map(
      (who) =>
        new Promise((resolve) => {
          const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, who], {
            stdio: ['ignore', 'ignore', 'inherit'],
          });
          child.on('exit', resolve);
        }),
    );
    expect(await Promise.all(runs)).toEqual([0, 0, 0]);
    const { values, skippedLines } = readJsonl(fs, path);
    expect(skippedLines).toBe(0);
    const seen = values as { who: string; n: number }[];
    for (const who of ['a', 'b', 'c']) {
      expect(seen.filter((line) => line.who === who).map(({ n }) => n)).toEqual(
        Array.from({ length: 200 }, (_, n) => n),
      );
    }
  });
});

describe('upsertJsonl', () => {
  const count = (existing: Record<string, unknown> | undefined): object => ({
    ...existing,
    path: 'b',
    n: Number(existing?.n ?? 0) + 1,
  });
  const upsert = (): void => upsertJsonl(fs, path, { key: 'path', id: 'b', update: count });

  it('adds a line, then changes it in its place', () => {
    upsert();
    appendJsonl(fs, path, { path: 'a' });
    upsert();
    expect(readJsonl(fs, path).values).toEqual([{ path: 'b', n: 2 }, { path: 'a' }]);
  });

  it('leaves every other line as it is, to the byte', () => {
    const before = Buffer.concat([
      Buffer.from('{"path": "a", "x": 1.0}\n{torn\n'),
      Buffer.from([0xff, 0xfe, 0x80, 0x0a]),
    ]);
    writeFileSync(path, before);
    upsert();
    expect(readFileSync(path).subarray(0, before.length)).toEqual(before);
    expect(readFileSync(path).subarray(before.length).toString()).toBe('{"path":"b","n":1}\n');
  });

  it('keeps unknown members of its own line, and earlier lines with the same key', () => {
    writeFileSync(path, '{"path":"b","n":5}\n{"path":"b","n":2,"extra":{"ä":1}}\n["b"]\n');
    upsert();
    expect(readFileSync(path, 'utf8')).toBe(
      '{"path":"b","n":5}\n{"path":"b","n":3,"extra":{"ä":1}}\n["b"]\n',
    );
  });

  it('closes a torn last line', () => {
    writeFileSync(path, '{"path":"a"}');
    appendFileSync(path, '\n{"pa');
    upsert();
    expect(readFileSync(path, 'utf8')).toBe('{"path":"a"}\n{"pa\n{"path":"b","n":1}\n');
  });
});

describe('removing records', () => {
  const remove = (): void => removeFromJsonl(fs, path, (record) => record.path === 'b');

  it('takes out every line of the record and leaves the others as they are, to the byte', () => {
    const [first, last] = [Buffer.from('{"path": "a", "x": 1.0}\n{torn\n'), Buffer.from([0xff, 0xfe, 0x0a])];
    const gone = Buffer.from('{"path":"b","n":1}\n');
    writeFileSync(path, Buffer.concat([gone, first, gone, last]));
    remove();
    expect(readFileSync(path)).toEqual(Buffer.concat([first, last]));
  });

  it('does not write a file without the record, and makes none', () => {
    remove();
    expect(readJsonl(fs, path).values).toEqual([]);
    writeFileSync(path, '{"path":"a"}\n');
    const before = statSync(path).ino;
    remove();
    expect(statSync(path).ino).toBe(before);
  });
});
