import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import { newFolder, temporaryFilesIn, treeOf } from '../../test/support/state-project.ts';
import {
  assertUnchanged,
  nodeFileSystem as fs,
  identifyFile,
  isSameIdentity,
  moveFileDurable,
  readRegularFile,
  removeFileDurable,
  writeFileDurable,
  writeTailDurable,
} from './durable-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = newFolder('durable-');
  path = join(folder, 'file.json');
});

const code = (name: string): unknown => expect.objectContaining({ name: 'NexoError', code: name });

describe('readRegularFile', () => {
  it('gives the bytes and the identity of a file, and undefined for none', () => {
    expect(readRegularFile(fs, path)).toBeUndefined();
    expect(readRegularFile(fs, join(path, 'below'))).toBeUndefined();
    writeFileSync(path, 'ä');
    expect(readRegularFile(fs, join(path, 'below'))).toBeUndefined();
    const { bytes, identity } = readRegularFile(fs, path) ?? {};
    expect(bytes).toEqual(Buffer.from('ä'));
    expect(identity).toEqual(identifyFile(fs, path));
  });

  it.each([
    ['a symbolic link', () => symlinkSync('/dev/zero', path)],
    ['a symbolic link', () => symlinkSync('nowhere', path)],
    ['a symbolic link', () => symlinkSync('file.json', path)],
    ['a folder', () => mkdirSync(path)],
    ['a special file', () => execFileSync('mkfifo', [path])],
  ])('refuses %s at once', (what, make) => {
    make();
    expect(() => readRegularFile(fs, path)).toThrow(
      expect.objectContaining({
        code: 'PATH_NOT_A_FILE',
        message: expect.stringContaining(`${path} is ${what}`),
      }),
    );
    expect(identifyFile(fs, path)).toBeUndefined();
  });

  it('refuses a socket', async () => {
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      expect(() => readRegularFile(fs, path)).toThrow(code('PATH_NOT_A_FILE'));
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('reads no more than it is allowed to', () => {
    writeFileSync(path, '12345');
    expect(readRegularFile(fs, path, 5)?.bytes.length).toBe(5);
    expect(() => readRegularFile(fs, path, 4)).toThrow(code('FILE_TOO_LARGE'));
    // 600 MB that take no room: refused by their size alone.
    truncateSync(path, 600 * 1024 * 1024);
    expect(() => readRegularFile(fs, path)).toThrow(code('FILE_TOO_LARGE'));
  });

  it('ends each failing call of the system in IO_FAILED, or in the content', () => {
    writeFileSync(path, 'content');
    const { calls, fs: counting } = faultyFileSystem();
    readRegularFile(counting, path);
    expect(calls.map(({ name }) => name)).toEqual(['openSync', 'fstatSync', 'readFileSync', 'closeSync']);
    for (let at = 0; at < 3; at += 1) {
      expect(() => readRegularFile(faultyFileSystem({ at, with: 'EIO' }).fs, path)).toThrow(
        code('IO_FAILED'),
      );
    }
    expect(readRegularFile(faultyFileSystem({ at: 3, with: 'EIO' }).fs, path)?.bytes.toString()).toBe(
      'content',
    );
  });
});

describe('identities', () => {
  it('differ after every way to change a file', () => {
    const seen = [identifyFile(fs, path)];
    const changes = [
      () => writeFileSync(path, 'one'),
      () => appendFileSync(path, '!'),
      () => writeFileSync(path, 'two!'),
      () => truncateSync(path, 0),
      () => {
        writeFileSync(`${path}.other`, '');
        renameSync(`${path}.other`, path);
      },
    ];
    for (const change of changes) {
      change();
      const now = identifyFile(fs, path);
      expect(now).toBeDefined();
      expect(seen.some((before) => isSameIdentity(before, now))).toBe(false);
      seen.push(now);
    }
  });

  it('are told apart by time for versions that follow each other as fast as can be', () => {
    // Without their number, which the file system gives to the next file as soon as it is free.
    const times = Array.from({ length: 300 }, () => {
      writeFileDurable(fs, path, 'same length', { durable: false });
      return identifyFile(fs, path)?.mtimeNs;
    });
    expect(new Set(times).size).toBe(300);
  });

  it('report a failing look as IO_FAILED', () => {
    expect(() => identifyFile(faultyFileSystem({ at: 0, with: 'EIO' }).fs, path)).toThrow(code('IO_FAILED'));
  });
});

describe('assertUnchanged', () => {
  it('passes for the same file and for one that is still absent', () => {
    expect(() => assertUnchanged(fs, path, undefined)).not.toThrow();
    writeFileSync(path, 'a');
    expect(() => assertUnchanged(fs, path, identifyFile(fs, path))).not.toThrow();
  });

  it('refuses a file that appeared, changed or went', () => {
    writeFileSync(path, 'a');
    const before = identifyFile(fs, path);
    expect(() => assertUnchanged(fs, path, undefined)).toThrow(code('FILE_CHANGED'));
    writeFileSync(path, 'b');
    expect(() => assertUnchanged(fs, path, before)).toThrow(code('FILE_CHANGED'));
    removeFileDurable(fs, path);
    expect(() => assertUnchanged(fs, path, before)).toThrow(code('FILE_CHANGED'));
  });
});

describe('writeFileDurable', () => {
  it('makes and replaces a file and gives the identity of what is there', () => {
    expect(writeFileDurable(fs, path, 'one')).toEqual(identifyFile(fs, path));
    expect(writeFileDurable(fs, path, Buffer.from('two'))).toEqual(identifyFile(fs, path));
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(Object.keys(treeOf(folder))).toEqual(['file.json']);
  });

  it('flushes the file before the rename and the folder after it', () => {
    const { fs: counting, calls } = faultyFileSystem();
    writeFileDurable(counting, path, 'x');
    expect(calls.map(({ name }) => name)).toEqual(
      [
        'lstatSync',
        'openSync',
        'writeSync',
        'futimesSync',
        'fsyncSync',
        'fstatSync',
        'closeSync',
        'renameSync',
      ].concat(['openSync', 'fsyncSync', 'closeSync', 'lstatSync']),
    );
  });

  it('does not flush what may be lost', () => {
    const { fs: counting, calls } = faultyFileSystem();
    writeFileDurable(counting, path, 'x', { durable: false });
    expect(calls.filter(({ name }) => name === 'fsyncSync')).toEqual([]);
  });

  it('keeps the permissions of the file that it replaces, whatever the umask', () => {
    for (const mode of [0o600, 0o640, 0o666, 0o444]) {
      writeFileSync(path, 'old');
      chmodSync(path, mode);
      writeFileDurable(fs, path, 'new');
      expect(statSync(path).mode & 0o777).toBe(mode);
    }
  });

  it('gives a new file the mode that is asked for', () => {
    writeFileDurable(fs, path, 'secret', { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves the other names of a replaced file with the old content', () => {
    writeFileSync(path, 'old');
    linkSync(path, `${path}.backup`);
    writeFileDurable(fs, path, 'new');
    expect(readFileSync(`${path}.backup`, 'utf8')).toBe('old');
  });

  it.each([
    ['a link to a file', () => symlinkSync(join(folder, 'victim'), path)],
    ['a link to nothing', () => symlinkSync('nowhere', path)],
    ['a folder', () => mkdirSync(path)],
    ['a pipe', () => execFileSync('mkfifo', [path])],
  ])('refuses %s in its place and touches nothing', (_name, make) => {
    writeFileSync(join(folder, 'victim'), 'precious');
    make();
    const before = lstatSync(path).ino;
    const tree = treeOf(folder);
    expect(() => writeFileDurable(fs, path, 'x')).toThrow(code('PATH_NOT_A_FILE'));
    expect(treeOf(folder)).toEqual(tree);
    expect(lstatSync(path).ino).toBe(before);
  });

  it('is called off by what runs before the rename', () => {
    writeFileSync(path, 'old');
    const beforeRename = (): never => {
      throw new Error('called off');
    };
    expect(() => writeFileDurable(fs, path, 'new', { beforeRename })).toThrow('called off');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(temporaryFilesIn(folder)).toEqual([]);
  });

  it('gives no identity when another program replaced the file at once', () => {
    const late: typeof fs = {
      ...fs,
      renameSync: (from, to) => {
        fs.renameSync(from, to);
        writeFileSync(to, 'theirs');
      },
    };
    expect(writeFileDurable(late, path, 'ours!!')).toBeUndefined();
  });

  it('leaves the old or the new content whichever call fails, says so, and leaves no temporary file', () => {
    const total = callsOf((counted) => writeFileDurable(counted, path, 'new'));
    for (const fault of ['ENOSPC', 'EIO', 'EACCES'] as const) {
      for (let at = 0; at < total; at += 1) {
        writeFileSync(path, 'old');
        let failed = false;
        try {
          writeFileDurable(faultyFileSystem({ at, with: fault }).fs, path, 'new');
        } catch (error) {
          expect(error).toEqual(code('IO_FAILED'));
          failed = true;
        }
        const content = readFileSync(path, 'utf8');
        expect(['old', 'new']).toContain(content);
        if (!failed) expect(content).toBe('new');
        expect(temporaryFilesIn(folder)).toEqual([]);
      }
    }
  });

  it('leaves the old or the new content wherever the process ends', () => {
    const total = callsOf((counted) => writeFileDurable(counted, path, 'new'));
    for (let at = 0; at < total; at += 1) {
      writeFileSync(path, 'old');
      const { fs: dying } = faultyFileSystem({ at, with: 'cut' });
      try {
        writeFileDurable(dying, path, 'new');
      } catch {
        // As a killed process: what it thinks of it does not matter.
      }
      expect(['old', 'new']).toContain(readFileSync(path, 'utf8'));
    }
  });

  function callsOf(write: (counted: typeof fs) => void): number {
    writeFileSync(path, 'old');
    const { fs: counting, calls } = faultyFileSystem();
    write(counting);
    return calls.length;
  }
});

describe('writeTailDurable', () => {
  const write = (content: string, keepBytes: number, tail: string, via = fs): unknown => {
    writeFileSync(path, content);
    const expected = identifyFile(fs, path);
    if (expected === undefined) throw new Error('no file');
    return writeTailDurable(via, path, { keepBytes, tail: Buffer.from(tail), expected });
  };

  it('keeps the beginning and puts a new end to it', () => {
    const identity = write('äöü-end', 7, 'tail 🌲');
    expect(readFileSync(path, 'utf8')).toBe('äöü-tail 🌲');
    expect(identity).toEqual(identifyFile(fs, path));
  });

  it('makes the file shorter, or all tail', () => {
    write('abcdef', 2, 'x');
    expect(readFileSync(path, 'utf8')).toBe('abx');
    write('abcdef', 0, 'x');
    expect(readFileSync(path, 'utf8')).toBe('x');
  });

  it('keeps the permissions', () => {
    writeFileSync(path, '');
    chmodSync(path, 0o640);
    write('abc', 3, 'd');
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('writes nothing when the file was emptied or replaced while it was copied', () => {
    const emptied: typeof fs = {
      ...fs,
      copyFileSync: (from, to, mode) => {
        truncateSync(path, 0);
        fs.copyFileSync(from, to, mode);
      },
    };
    expect(() => write('abcdef', 6, 'x', emptied)).toThrow(code('FILE_CHANGED'));
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(temporaryFilesIn(folder)).toEqual([]);
  });

  it('leaves the old or the new content whichever call fails', () => {
    const { fs: counting, calls } = faultyFileSystem();
    write('abc', 3, 'd', counting);
    for (let at = 0; at < calls.length; at += 1) {
      const faulty = faultyFileSystem({ at, with: 'ENOSPC' }).fs;
      try {
        write('abc', 3, 'd', faulty);
        expect(readFileSync(path, 'utf8')).toBe('abcd');
      } catch (error) {
        expect(error).toEqual(code('IO_FAILED'));
        expect(['abc', 'abcd']).toContain(readFileSync(path, 'utf8'));
      }
      expect(temporaryFilesIn(folder)).toEqual([]);
    }
  });
});

describe('removeFileDurable and moveFileDurable', () => {
  it('say whether there was anything to remove', () => {
    writeFileSync(path, 'x');
    expect(removeFileDurable(fs, path)).toBe(true);
    expect(removeFileDurable(fs, path)).toBe(false);
  });

  it('refuse what they cannot do with IO_FAILED', () => {
    mkdirSync(path);
    expect(() => removeFileDurable(fs, path)).toThrow(code('IO_FAILED'));
    expect(() => moveFileDurable(fs, `${path}.none`, path)).toThrow(code('IO_FAILED'));
  });

  it('move a file, a link or a pipe itself, into another folder too', () => {
    mkdirSync(join(folder, 'aside'));
    symlinkSync('nowhere', path);
    moveFileDurable(fs, path, join(folder, 'aside', 'link'));
    expect(treeOf(folder)).toEqual({ 'aside/link': 'link to nowhere' });
  });
});
