import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { MIGRATIONS } from '../../src/home/migrations/index.ts';
import { type HomePaths, resolveHomePaths } from '../../src/home/paths.ts';

/** An operator's folder of its own, empty. */
export function temporaryHomePaths(): HomePaths {
  return resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'nexo-home-')) });
}

/** Writes a file, its folders first. */
export function put(path: string, text: string | Uint8Array, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** Puts a personal script in its place. */
export function putScript(paths: Pick<HomePaths, 'scripts'>, filename: string, text: string): string {
  return put(join(paths.scripts, filename), text, 0o755);
}

/** The database of a home, in memory: as it is on disk, without the time that a disk takes. */
export function memoryDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA foreign_keys = ON');
  for (const migration of MIGRATIONS) migration.apply(database);
  return database;
}
