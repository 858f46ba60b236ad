import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';

import { checkHomeDatabase, openHomeDatabase, restoreHomeDatabase } from './database.ts';
import type { Migration } from './migrations/migration.ts';
import { resolveHomePaths } from './paths.ts';

const FIRST: Migration = {
  version: 1,
  name: 'notes',
  apply: (database) =>
    database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT'),
};
const SECOND: Migration = {
  version: 2,
  name: 'authors',
  apply: (database) => database.exec("ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT ''"),
};
const BROKEN: Migration = {
  version: 2,
  name: 'broken',
  apply: (database) => {
    database.exec('DELETE FROM notes');
    database.exec('CREATE TABLE notes (id)');
  },
};

function newHome() {
  return resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'nexo-db-')) });
}

async function withOneNote() {
  const paths = newHome();
  const database = await openHomeDatabase(paths, { migrations: [FIRST] });
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('kept');
  database.close();
  return paths;
}

describe('openHomeDatabase', () => {
  it('makes the database for its owner alone, with WAL and flushed commits', async () => {
    const paths = newHome();
    const database = await openHomeDatabase(paths, { migrations: [FIRST] });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(database.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
    expect(statSync(paths.state).mode & 0o777).toBe(0o700);
    expect(statSync(paths.database).mode & 0o777).toBe(0o600);
    database.close();
  });

  it('backs the data up before it migrates, and keeps it', async () => {
    const paths = await withOneNote();
    const database = await openHomeDatabase(paths, { migrations: [FIRST, SECOND] });
    expect(database.prepare('SELECT text, author FROM notes').all()).toEqual([{ text: 'kept', author: '' }]);
    database.close();
    const [backup] = readdirSync(paths.backups);
    const copy = new DatabaseSync(join(paths.backups, backup ?? ''), { readOnly: true });
    expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    expect(copy.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'kept' }]);
    copy.close();
  });

  it('leaves the data as it was when a migration fails', async () => {
    const paths = await withOneNote();
    await expect(openHomeDatabase(paths, { migrations: [FIRST, BROKEN] })).rejects.toThrow(/already exists/);
    const database = await openHomeDatabase(paths, { migrations: [FIRST] });
    expect(database.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'kept' }]);
    database.close();
  });

  it('migrates once when several open it at the same time', async () => {
    const paths = newHome();
    const opened = await Promise.all(
      Array.from({ length: 5 }, () => openHomeDatabase(paths, { migrations: [FIRST, SECOND] })),
    );
    expect(opened.map((database) => database.prepare('PRAGMA user_version').get())).toEqual(
      Array.from({ length: 5 }, () => ({ user_version: 2 })),
    );
    for (const database of opened) database.close();
  });

  it('refuses a database of a newer program and does not touch it', async () => {
    const paths = await withOneNote();
    const newer = new DatabaseSync(paths.database);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await expect(openHomeDatabase(paths, { migrations: [FIRST] })).rejects.toMatchObject({
      code: 'DATABASE_TOO_NEW',
    });
    expect(checkHomeDatabase(paths.database)).toMatchObject({ state: 'too-new', version: 99 });
  });

  it('refuses a file that is no database and keeps its bytes', async () => {
    const paths = await withOneNote();
    const noise = Buffer.alloc(4096, 'not a database ');
    writeFileSync(paths.database, noise);
    await expect(openHomeDatabase(paths, { migrations: [FIRST] })).rejects.toMatchObject({
      code: 'DATABASE_DAMAGED',
    });
    expect(readFileSync(paths.database).equals(noise)).toBe(true);
  });
});

describe('checkHomeDatabase and restoreHomeDatabase', () => {
  it('tells missing, healthy and damaged apart', async () => {
    const paths = await withOneNote();
    expect(checkHomeDatabase(join(paths.state, 'none.db'))).toEqual({ state: 'missing' });
    writeFileSync(paths.database, Buffer.alloc(8192, 'x'));
    expect(checkHomeDatabase(paths.database)).toMatchObject({ state: 'damaged' });
  });

  it('sets the damaged files aside and puts the newest good backup in their place', async () => {
    const paths = await withOneNote();
    (await openHomeDatabase(paths, { migrations: [FIRST, SECOND] })).close();
    const noise = Buffer.alloc(8192, 'x');
    writeFileSync(paths.database, noise);
    const { setAside, restoredFrom } = await restoreHomeDatabase(paths, { migrations: [FIRST, SECOND] });
    expect(readFileSync(setAside[0] ?? '').equals(noise)).toBe(true);
    expect(restoredFrom).toMatch(/-v1\.db$/);
    const database = await openHomeDatabase(paths, { migrations: [FIRST, SECOND] });
    expect(database.prepare('SELECT text, author FROM notes').all()).toEqual([{ text: 'kept', author: '' }]);
    database.close();
  });

  it('starts anew where there is no backup', async () => {
    const paths = newHome();
    (await openHomeDatabase(paths, { migrations: [FIRST] })).close();
    writeFileSync(paths.database, Buffer.alloc(8192, 'x'));
    expect(await restoreHomeDatabase(paths)).toMatchObject({ restoredFrom: undefined });
    expect(checkHomeDatabase(paths.database)).toEqual({ state: 'missing' });
  });
});
