import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type LineProcess, startWorker } from '../../test/support/state-process.ts';
import { newFolder, treeOf } from '../../test/support/state-project.ts';
import { closeLock, type HeldLock, holdLock, withLock } from './lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = newFolder('lock-');
  path = join(folder, 'lock.db');
});
afterEach(() => closeLock(path));

const code = (name: string): unknown => expect.objectContaining({ name: 'NexoError', code: name });
const holder = (timeoutMs = 10_000): LineProcess =>
  startWorker('./state-lock-worker.ts', ['hold', path, String(timeoutMs)]);

/** A process that holds the lock now. */
async function held(): Promise<LineProcess> {
  const worker = holder();
  expect(await worker.line()).toBe('held');
  return worker;
}

describe('withLock in one process', () => {
  it('gives back what the section gives, and throws what it throws, released either way', async () => {
    expect(await withLock(path, () => 42)).toBe(42);
    const fail = (): never => {
      throw new Error('section');
    };
    await expect(withLock(path, fail)).rejects.toThrow('section');
    expect(await withLock(path, () => 'again', { timeoutMs: 0 })).toBe('again');
  });

  it('runs one section at a time', async () => {
    let inside = 0;
    const sections = Array.from({ length: 50 }, () =>
      withLock(path, () => {
        inside += 1;
        expect(inside).toBe(1);
        inside -= 1;
      }),
    );
    await Promise.all(sections);
  });

  it('knows the lock again under another spelling of its path', async () => {
    const alias = join(newFolder(), 'alias');
    symlinkSync(folder, alias);
    const other = join(alias, 'lock.db');
    await withLock(other, () => {});
    const worker = await held();
    await expect(withLock(other, () => {}, { timeoutMs: 30 })).rejects.toEqual(code('LOCK_TIMEOUT'));
    worker.send('release');
    await worker.ended;
    await withLock(other, () => {});
    closeLock(other);
  });

  it('makes a file that stays small and that it leaves no journal beside', async () => {
    for (let n = 0; n < 20; n += 1) await withLock(path, () => {});
    expect(Object.keys(treeOf(folder))).toEqual(['lock.db']);
    expect(readFileSync(path).length).toBeLessThanOrEqual(8192);
  });
});

describe('withLock between processes', () => {
  it('loses no change of four that count at once', async () => {
    const file = join(folder, 'number');
    writeFileSync(file, '0');
    const workers = Array.from({ length: 4 }, () =>
      startWorker('./state-lock-worker.ts', ['count', path, file, '100']),
    );
    expect(await Promise.all(workers.map((worker) => worker.line()))).toEqual(Array(4).fill('done'));
    expect(readFileSync(file, 'utf8')).toBe('400');
  });

  it('waits while another process holds it', async () => {
    const worker = await held();
    const waiting = withLock(path, () => 'mine');
    worker.send('release');
    expect(await waiting).toBe('mine');
    expect(await worker.line()).toBe('released');
  });

  it('names the holder and what is locked when it has waited long enough', async () => {
    const worker = await held();
    await expect(withLock(path, () => {}, { timeoutMs: 50 })).rejects.toThrow(
      expect.objectContaining({
        code: 'LOCK_TIMEOUT',
        message: `Waited 0.05 s for ${path}, held by process ${worker.pid}.`,
        data: { path, holders: [worker.pid] },
      }),
    );
  });

  it('passes to both who wait when the holder is killed', async () => {
    const worker = await held();
    const others = [holder(), holder()];
    worker.signal('SIGKILL');
    expect(await worker.ended).toBe('SIGKILL');
    const inside = others.map((other) => other.line());
    const first = await Promise.race(inside.map(async (line, index) => ({ line: await line, index })));
    expect(first.line).toBe('held');
    others[first.index]?.send('release');
    expect(await Promise.all(inside)).toEqual(['held', 'held']);
    others[1 - first.index]?.send('release');
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0]);
  });

  it('is never taken from a holder that is paused, however long it takes', async () => {
    const worker = await held();
    worker.signal('SIGSTOP');
    const others = [holder(60), holder(60)];
    for (const other of others) {
      expect(await other.line()).toBe(`LOCK_TIMEOUT ${JSON.stringify({ path, holders: [worker.pid] })}`);
    }
    worker.signal('SIGCONT');
    worker.send('assert');
    expect(await worker.line()).toBe('fine');
    worker.send('release');
    expect(await withLock(path, () => 'next')).toBe('next');
  });

  it('survives processes that are killed at any moment of opening, taking and releasing it', async () => {
    const file = join(folder, 'number');
    writeFileSync(file, '0');
    for (let round = 0; round < 8; round += 1) {
      // Making the lock's file is one of the moments.
      if (round % 4 === 0) rmSync(path, { force: true });
      const victims = Array.from({ length: 3 }, () =>
        startWorker('./state-lock-worker.ts', ['count', path, file, '1000000']),
      );
      // Some rounds find them at work, others on the way there.
      if (round % 2 === 0) await countsOn(file);
      for (const victim of victims) victim.signal('SIGKILL');
      await Promise.all(victims.map(({ ended }) => ended));
      expect(await withLock(path, () => 'usable', { timeoutMs: 2000 })).toBe('usable');
    }
  });

  /** Comes back when another process has counted. */
  async function countsOn(file: string): Promise<void> {
    const read = (): Promise<string> => withLock(path, () => readFileSync(file, 'utf8'));
    const before = await read();
    while ((await read()) === before) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('withLock when somebody meddles with its file', () => {
  it('tells the holder that the file was deleted or replaced, and lets others in through the new one', async () => {
    const worker = await held();
    unlinkSync(path);
    expect(await withLock(path, () => 'through the new file')).toBe('through the new file');
    worker.send('assert');
    expect(await worker.line()).toMatch(/^LOCK_REPLACED /);
    worker.send('release');
    expect(await worker.line()).toBe('released');
  });

  it('does not hold what it opened before the file was replaced by a copy', async () => {
    await withLock(path, () => {});
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    const worker = await held();
    await expect(withLock(path, () => {}, { timeoutMs: 30 })).rejects.toEqual(code('LOCK_TIMEOUT'));
    worker.send('release');
    expect(await withLock(path, (lock: HeldLock) => lock.assertHeld())).toBeUndefined();
  });

  it('waits on, for the new file, when the one it waits for is deleted', async () => {
    await withLock(path, () => {});
    const first = await held();
    const waiting = withLock(path, () => 'in');
    unlinkSync(path);
    expect(await waiting).toBe('in');
    first.send('release');
  });

  it('gives up with a reason when a foreign file is put in its place meanwhile', async () => {
    await held();
    const waiting = withLock(path, () => 'in');
    renameSync(path, `${path}.old`);
    writeFileSync(path, 'shopping list\n'.repeat(100));
    await expect(waiting).rejects.toEqual(code('LOCK_UNUSABLE'));
    expect(readFileSync(path, 'utf8')).toBe('shopping list\n'.repeat(100));
  });

  it('is usable again once what stood in the way is gone', async () => {
    writeFileSync(path, 'shopping list\n'.repeat(100));
    await expect(withLock(path, () => {})).rejects.toEqual(code('LOCK_UNUSABLE'));
    unlinkSync(path);
    expect(await withLock(path, () => 'in')).toBe('in');
  });
});

describe('withLock refuses with LOCK_UNUSABLE', () => {
  it.each([
    ['text', () => writeFileSync(path, 'not a database, and longer than a header would be\n'.repeat(30))],
    ['a folder', () => mkdirSync(path)],
    ['a link to a lock', () => symlinkSync('other.db', path)],
    ['a link to nothing', () => symlinkSync('nowhere', path)],
    ['a pipe', () => execFileSync('mkfifo', [path])],
    ['a lock in a folder that is missing', () => rmSync(folder, { recursive: true })],
  ])('%s, and leaves it as it is', async (_name, make) => {
    new DatabaseSync(join(folder, 'other.db')).close();
    make();
    const before = treeOf(folder);
    const section = (): never => {
      throw new Error('never runs');
    };
    await expect(withLock(path, section)).rejects.toThrow(
      expect.objectContaining({
        code: 'LOCK_UNUSABLE',
        message: expect.stringContaining(path),
        data: { path },
      }),
    );
    expect(treeOf(folder)).toEqual(before);
  });

  it.each(['file', 'folder'])('a read-only %s', async (kind) => {
    if (kind === 'file') await withLock(path, () => {});
    closeLock(path);
    // The administrator may write everywhere, so that the worker is somebody else.
    const uid = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    chmodSync(newFolderOfAll(), 0o755);
    chmodSync(folder, kind === 'folder' ? 0o555 : 0o755);
    if (kind === 'file') chmodSync(path, 0o444);
    try {
      const worker = startWorker('./state-lock-worker.ts', ['hold', path, '50'], uid);
      expect(await worker.line()).toMatch(/^LOCK_UNUSABLE /);
    } finally {
      chmodSync(folder, 0o755);
    }
  });

  /** Where the run's files are: only its owner may look into it, unless a worker is somebody else. */
  function newFolderOfAll(): string {
    const base = join(folder, '..', '..');
    if (process.getuid?.() === 0) chownSync(folder, 65_534, 65_534);
    return base;
  }

  it('names beside it that lead elsewhere, and writes nothing there', async () => {
    const victim = join(newFolder(), 'victim');
    for (const [suffix, exists] of [
      ['-journal', true],
      ['-journal', false],
      ['-wal', true],
      ['-shm', true],
    ] as const) {
      rmSync(path, { force: true });
      if (suffix !== '-journal') {
        const database = new DatabaseSync(path);
        database.exec('PRAGMA journal_mode = WAL; PRAGMA user_version = 1');
        database.close();
      }
      if (exists) writeFileSync(victim, 'precious\n'.repeat(500));
      symlinkSync(victim, path + suffix);
      await withLock(path, () => {}).catch((error: unknown) => expect(error).toEqual(code('LOCK_UNUSABLE')));
      closeLock(path);
      if (exists) expect(readFileSync(victim, 'utf8')).toBe('precious\n'.repeat(500));
      else expect(existsSync(victim)).toBe(false);
      rmSync(path + suffix, { force: true });
      rmSync(victim, { force: true });
    }
  });
});

describe('a lock that is held for long', () => {
  it('is taken once on the whole machine, and names who has it', async () => {
    const worker = await held();
    expect(holdLock(path)).toEqual({ holders: process.platform === 'linux' ? [worker.pid] : [] });
    worker.signal('SIGKILL');
    await worker.ended;
    const lock = holdLock(path);
    if (!('release' in lock)) throw new Error('it should be free: its holder was killed');
    expect(lock.isHeld()).toBe(true);
    await expect(otherProcessWants()).resolves.toContain('LOCK_TIMEOUT');
    lock.release();
    await expect(otherProcessWants()).resolves.toBe('held');
  });

  it('is no longer held when its file was replaced', () => {
    const lock = holdLock(path);
    if (!('release' in lock)) throw new Error('nobody else has it');
    unlinkSync(path);
    expect(lock.isHeld()).toBe(false);
    lock.release();
  });

  async function otherProcessWants(): Promise<string> {
    const worker = holder(200);
    const line = await worker.line();
    worker.close();
    await worker.ended;
    return line;
  }
});
