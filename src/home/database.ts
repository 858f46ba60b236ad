import { closeSync, copyFileSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { type Clock, isoTime, systemClock } from '../base/clock.ts';
import { nodeFileSystem } from '../base/durable-file.ts';
import { ensureFolder, syncFolder } from '../base/folder.ts';
import { withLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import type { HomePaths } from './paths.ts';
import { inTransaction } from './sql.ts';

/** How long a statement waits for another process that writes, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;
/** Backups that are kept; older ones are removed when a new one is made. */
const KEPT_BACKUPS = 5;

export interface OpenOptions {
  readonly clock?: Clock;
  /** Only tests pass their own. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens `nexo.db` of a home, making and migrating it first: WAL, foreign keys, every commit flushed to the disk. Before
 * a database with data is migrated, a copy goes to `state/backups/`. The caller closes it.
 * Throws DATABASE_DAMAGED, DATABASE_TOO_NEW, LOCK_TIMEOUT, IO_FAILED.
 */
export async function openHomeDatabase(
  paths: Pick<HomePaths, 'database' | 'backups'>,
  { clock = systemClock, migrations = MIGRATIONS }: OpenOptions = {},
): Promise<DatabaseSync> {
  ensureFolder(nodeFileSystem, dirname(paths.database), 0o700);
  const database = connect(paths.database);
  try {
    const latest = latestOf(migrations);
    if (versionOf(database) < latest) {
      await withLock(`${paths.database}.lock`, () => migrate(database, paths, migrations, clock));
    }
    assertNotNewer(database, paths.database, latest);
    return database;
  } catch (error) {
    database.close();
    throw toDatabaseError(paths.database, error);
  }
}

export interface ReadOnlyOptions {
  /**
   * For dry runs: where no process has it open, it is read without the side files of WAL, which even a reader makes and
   * leaves behind.
   */
  readonly leaveNoTrace?: boolean;
}

/**
 * Opens it for reading alone, as status commands and dry runs do; undefined when there is none. Nothing is migrated:
 * a database that is older or newer than this program is undefined or refused.
 */
export function openHomeDatabaseReadOnly(
  path: string,
  { leaveNoTrace = false }: ReadOnlyOptions = {},
): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    const untouched = leaveNoTrace && !existsSync(`${path}-wal`) && !existsSync(`${path}-shm`);
    database = new DatabaseSync(untouched ? immutable(path) : path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const latest = latestOf(MIGRATIONS);
    assertNotNewer(database, path, latest);
    if (versionOf(database) === latest) return database;
    database.close();
    return undefined;
  } catch (error) {
    database?.close();
    throw toDatabaseError(path, error);
  }
}

export type DatabaseHealth =
  | { readonly state: 'missing' }
  | { readonly state: 'healthy'; readonly version: number; readonly latest: number; readonly bytes: number }
  | { readonly state: 'too-new'; readonly version: number; readonly latest: number }
  | { readonly state: 'damaged'; readonly problems: readonly string[] };

/** Looks at the database without changing it; `deep` reads every page, which takes time with the size. */
export function checkHomeDatabase(
  path: string,
  { deep = false, migrations = MIGRATIONS } = {},
): DatabaseHealth {
  if (!existsSync(path)) return { state: 'missing' };
  const latest = latestOf(migrations);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const version = versionOf(database);
    if (version > latest) return { state: 'too-new', version, latest };
    const rows = database.prepare(deep ? 'PRAGMA integrity_check(20)' : 'PRAGMA quick_check(20)').all();
    const problems = rows.flatMap((row) => Object.values(row).map(String)).filter((text) => text !== 'ok');
    if (problems.length > 0) return { state: 'damaged', problems };
    const { bytes } = database
      .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
      .get() ?? { bytes: 0 };
    return { state: 'healthy', version, latest, bytes: Number(bytes) };
  } catch (error) {
    if (isDamage(error)) return { state: 'damaged', problems: [messageOf(error)] };
    throw toDatabaseError(path, error);
  } finally {
    database?.close();
  }
}

/**
 * Puts the newest good backup in the place of a damaged database, or leaves none when there is no backup; the damaged
 * files are set aside beside it, never deleted. No process may have the database open.
 */
export async function restoreHomeDatabase(
  paths: Pick<HomePaths, 'database' | 'backups'>,
  { clock = systemClock, migrations = MIGRATIONS }: OpenOptions = {},
): Promise<{ readonly setAside: readonly string[]; readonly restoredFrom: string | undefined }> {
  return withLock(`${paths.database}.lock`, () => {
    const mark = stampOf(clock);
    const setAside: string[] = [];
    for (const suffix of ['', '-wal', '-shm']) {
      const from = `${paths.database}${suffix}`;
      if (!existsSync(from)) continue;
      const to = `${paths.database}.damaged-${mark}${suffix}`;
      nodeFileSystem.renameSync(from, to);
      setAside.push(to);
    }
    const restoredFrom = listBackups(paths.backups).find(
      (path) => checkHomeDatabase(path, { migrations }).state === 'healthy',
    );
    if (restoredFrom !== undefined) {
      const temporary = `${paths.database}.restoring`;
      copyFileSync(restoredFrom, temporary);
      nodeFileSystem.renameSync(temporary, paths.database);
    }
    syncFolder(nodeFileSystem, dirname(paths.database));
    return { setAside, restoredFrom };
  });
}

/** Node before 22.15 opens no such address: a reader leaves its side files there. */
function immutable(path: string): string | URL {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 15)) return path;
  return new URL('?immutable=1', pathToFileURL(path));
}

function connect(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // SQLite gives its side files the rights of this one.
    closeSync(openSync(path, 'a', 0o600));
    database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.exec('PRAGMA journal_mode = WAL');
    // WAL with the default of SQLite's NORMAL may lose the last commits in a power cut.
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    return database;
  } catch (error) {
    database?.close();
    throw toDatabaseError(path, error);
  }
}

/** Runs under the lock, so that one process alone migrates; another may have been faster. */
function migrate(
  database: DatabaseSync,
  paths: Pick<HomePaths, 'database' | 'backups'>,
  migrations: readonly Migration[],
  clock: Clock,
): void {
  const from = versionOf(database);
  const missing = migrations.filter(({ version }) => version > from);
  if (missing.length === 0) return;
  if (from > 0) backUp(database, paths.backups, from, clock);
  for (const migration of missing) {
    inTransaction(database, () => {
      migration.apply(database);
      database.exec(`PRAGMA user_version = ${migration.version}`);
    });
  }
}

function backUp(database: DatabaseSync, folder: string, version: number, clock: Clock): void {
  ensureFolder(nodeFileSystem, folder, 0o700);
  const path = join(folder, `nexo-${stampOf(clock)}-v${version}.db`);
  database.prepare('VACUUM INTO ?').run(path);
  syncFolder(nodeFileSystem, folder);
  for (const old of listBackups(folder).slice(KEPT_BACKUPS)) rmSync(old, { force: true });
}

/** Backups, newest first: their names begin with the time. */
function listBackups(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^nexo-[0-9TZ]+-v\d+\.db$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

function latestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

function stampOf(clock: Clock): string {
  return isoTime(clock).replace(/[-:.]/g, '');
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

function assertNotNewer(database: DatabaseSync, path: string, latest: number): void {
  const version = versionOf(database);
  if (version <= latest) return;
  throw new NexoError(
    'DATABASE_TOO_NEW',
    `${path} has layout ${version}; this program knows layouts up to ${latest}.`,
    { hint: 'Update Nexo; a newer version has written there.', data: { path, version, latest } },
  );
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  const primary = error.errcode & 0xff;
  return primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB;
}

function toDatabaseError(path: string, error: unknown): unknown {
  if (error instanceof NexoError) return error;
  if (isDamage(error)) {
    return new NexoError('DATABASE_DAMAGED', `${path} is damaged: ${messageOf(error)}.`, {
      hint: 'Run nexo doctor --fix: it sets the file aside and restores the newest backup.',
      data: { path },
      cause: error,
    });
  }
  if (error instanceof Error && 'errcode' in error) {
    return new NexoError(
      'IO_FAILED',
      `Could not use ${basename(path)} in ${dirname(path)}: ${messageOf(error)}.`,
      {
        hint: 'Check the folder, its permissions and the free space, then try again.',
        data: { path },
        cause: error,
      },
    );
  }
  return error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
