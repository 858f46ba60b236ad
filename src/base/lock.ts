import { accessSync, closeSync, constants, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { NexoError, systemErrorCode } from '../errors.ts';

export interface LockOptions {
  /** How long to wait for another process before LOCK_TIMEOUT, in milliseconds. */
  timeoutMs?: number;
}

/** What a critical section may ask of the lock that it runs under. */
export interface HeldLock {
  /**
   * Throws LOCK_REPLACED when the lock's file is no longer the one that is locked: somebody removed or replaced
   * it, so another process may be inside too. Call it right before a change becomes visible.
   */
  assertHeld(): void;
}

/** Default wait for a lock, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** Upper bound of one pause between two tries, in milliseconds. */
const MAX_PAUSE_MS = 12;

/** Offset that a writer of an SQLite database locks, see "Reserved Lock" in SQLite's file format. */
const RESERVED_BYTE = '1073741825';

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

interface OpenLock {
  readonly database: DatabaseSync;
  readonly begin: StatementSync;
  readonly end: StatementSync;
  readonly dev: number;
  readonly ino: number;
}

/** One connection a lock file for the life of the process: opening costs a hundred times what locking does. */
const openLocks = new Map<string, OpenLock>();
/** Locks that this process holds for long. */
const longHeld = new Set<string>();

/**
 * Runs `section` while this process alone, of all on the machine, holds the lock at `lockPath`.
 *
 * The lock is SQLite's write lock on a tiny database, which the kernel releases when its holder dies, so nothing
 * stale can stay behind. The section is synchronous on purpose: it cannot be interleaved with other work of this
 * process, and the lock is never held across a wait. The folder of `lockPath` has to exist.
 *
 * Throws LOCK_TIMEOUT, LOCK_UNUSABLE (not a database, read-only, full disk), LOCK_REPLACED, or what `section` throws.
 */
export async function withLock<T>(
  lockPath: string,
  section: (lock: HeldLock) => T,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: LockOptions = {},
): Promise<T> {
  let startedAt: number | undefined;
  for (let attempt = 0; ; attempt += 1) {
    const lock = tryAcquire(lockPath);
    if (lock !== undefined) {
      try {
        return section({ assertHeld: () => assertSameFile(lockPath, lock) });
      } finally {
        release(lockPath, lock);
      }
    }
    // Nobody looks at a clock, or loads timers, for a lock that is free.
    startedAt ??= performance.now();
    if (performance.now() - startedAt >= timeoutMs) throw timeoutError(lockPath, timeoutMs);
    await delay(Math.min(MAX_PAUSE_MS, 1 + attempt / 2) * (0.5 + Math.random()));
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A lock that is held over a long time, until it is released or its process ends. */
export interface LongLock {
  /** False when the lock's file was removed or replaced: another process may hold its successor. */
  isHeld(): boolean;
  release(): void;
}

/**
 * Takes the lock at `lockPath` for as long as this process lives, or answers with the ids of those who hold it (none
 * where the system does not say). For single instances; work that ends soon uses `withLock`. Throws LOCK_UNUSABLE.
 */
export function holdLock(lockPath: string): LongLock | { readonly holders: readonly number[] } {
  // A file that was replaced under us is one more try, and never many.
  const lock =
    tryAcquire(lockPath) ?? (lockHolders(lockPath).length === 0 ? tryAcquire(lockPath) : undefined);
  if (lock === undefined) return { holders: lockHolders(lockPath) };
  longHeld.add(lockPath);
  return {
    isHeld: () => isSameFile(lockPath, lock),
    release: () => {
      longHeld.delete(lockPath);
      release(lockPath, lock);
      closeLock(lockPath);
    },
  };
}

/**
 * Whether somebody holds the lock at this moment; false when there is no such file. To ask is to try: for a
 * moment this process holds it itself. Throws LOCK_UNUSABLE.
 */
export function isBusyLock(lockPath: string): boolean {
  if (longHeld.has(lockPath)) return true;
  if (lstatSync(lockPath, { throwIfNoEntry: false }) === undefined) return false;
  const lock = tryAcquire(lockPath);
  if (lock === undefined) return true;
  release(lockPath, lock);
  closeLock(lockPath);
  return false;
}

/** Closes this process's connection to the lock, so that its folder can be removed. */
export function closeLock(lockPath: string): void {
  const lock = openLocks.get(lockPath);
  if (lock === undefined) return;
  openLocks.delete(lockPath);
  lock.database.close();
}

/** Returns the lock held, or undefined when another process has it or the file was just replaced: try again. */
function tryAcquire(lockPath: string): OpenLock | undefined {
  try {
    const lock = openLocks.get(lockPath) ?? openLock(lockPath);
    if (lock === undefined) return undefined;
    lock.begin.run();
    if (isSameFile(lockPath, lock)) return lock;
    // Deleted or replaced since it was opened: this lock excludes nobody any more.
    lock.end.run();
    closeLock(lockPath);
    return undefined;
  } catch (error) {
    if (isBusy(error)) {
      leaveReplacedFile(lockPath);
      return undefined;
    }
    closeLock(lockPath);
    if (error instanceof NexoError) throw error;
    throw new NexoError('LOCK_UNUSABLE', `The lock ${lockPath} cannot be used: ${reasonOf(error)}.`, {
      hint: 'Check that its folder is writable and on a local disk; if the file is not a lock of Nexo, move it away.',
      data: { path: lockPath },
      cause: error,
    });
  }
}

/** Stops waiting for a file that is no longer the lock: whoever comes now goes by the new one. */
function leaveReplacedFile(lockPath: string): void {
  const lock = openLocks.get(lockPath);
  if (lock !== undefined && !isSameFile(lockPath, lock)) closeLock(lockPath);
}

/** Opens the lock's file, making it when it is missing; undefined when somebody replaced it meanwhile. */
function openLock(lockPath: string): OpenLock | undefined {
  const before = lstatSync(lockPath, { throwIfNoEntry: false }) ?? createLockFile(lockPath);
  if (before === undefined) return undefined;
  if (!before.isFile()) {
    throw new NexoError('LOCK_UNUSABLE', `The lock ${lockPath} is not a regular file.`, {
      hint: 'Move it away; Nexo makes a new one.',
      data: { path: lockPath },
    });
  }
  // SQLite would open it for reading only, and then let everybody begin what it calls an immediate transaction.
  accessSync(lockPath, constants.W_OK);
  const database = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    // An empty database would be set up again, journal and all, at every BEGIN.
    const { user_version: version } = database.prepare('PRAGMA user_version').get() ?? {};
    if (version === 0) database.exec('PRAGMA user_version = 1');
    const after = lstatSync(lockPath, { throwIfNoEntry: false });
    if (after === undefined || !isSame(before, after)) {
      database.close();
      return undefined;
    }
    const lock = {
      database,
      begin: database.prepare('BEGIN IMMEDIATE'),
      end: database.prepare('ROLLBACK'),
      dev: after.dev,
      ino: after.ino,
    };
    openLocks.set(lockPath, lock);
    return lock;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Made here and not by SQLite, so that there is something to compare with after it has opened the file. */
function createLockFile(lockPath: string): Stats | undefined {
  try {
    closeSync(openSync(lockPath, 'wx', 0o666));
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
  return lstatSync(lockPath, { throwIfNoEntry: false });
}

function release(lockPath: string, lock: OpenLock): void {
  try {
    lock.end.run();
  } catch {
    // Closing releases as well; a lock that cannot be rolled back is not used again.
    closeLock(lockPath);
  }
}

function isSameFile(lockPath: string, lock: OpenLock): boolean {
  const now = lstatSync(lockPath, { throwIfNoEntry: false });
  return now !== undefined && isSame(now, lock);
}

function isSame(a: Pick<Stats, 'dev' | 'ino'>, b: Pick<Stats, 'dev' | 'ino'>): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function assertSameFile(lockPath: string, lock: OpenLock): void {
  if (isSameFile(lockPath, lock)) return;
  throw new NexoError('LOCK_REPLACED', `The lock ${lockPath} was removed or replaced while it was held.`, {
    hint: 'Nothing was written. Try again; no other program should write there.',
    data: { path: lockPath },
  });
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  const primary = error.errcode & 0xff;
  return primary === SQLITE_BUSY || primary === SQLITE_LOCKED;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function timeoutError(lockPath: string, timeoutMs: number): NexoError {
  const holders = lockHolders(lockPath);
  const held = holders.length === 0 ? 'another process' : `process ${holders.join(', ')}`;
  return new NexoError('LOCK_TIMEOUT', `Waited ${timeoutMs / 1000} s for ${lockPath}, held by ${held}.`, {
    hint: 'Nothing was written. Try again, or end that process if it hangs.',
    data: { path: lockPath, holders },
  });
}

/** Ids of the processes that hold a lock on the file, from Linux's table of locks; empty where there is none. */
export function lockHolders(lockPath: string): number[] {
  try {
    const { ino } = lstatSync(lockPath);
    const holders = new Set<number>();
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      // "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 1073741825 1073741825"; waiting ones have "->" after the number.
      const [, , , mode, pid, file, start] = line.trim().split(/\s+/);
      // The device is not compared: the table and the file system may name it differently. The byte is SQLite's own.
      if (mode === 'WRITE' && file?.endsWith(`:${ino}`) && start === RESERVED_BYTE) holders.add(Number(pid));
    }
    return [...holders];
  } catch (error) {
    if (systemErrorCode(error) !== undefined) return [];
    throw error;
  }
}
