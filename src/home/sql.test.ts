import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { inTransaction, statement } from './sql.ts';

let database: DatabaseSync;
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (n INTEGER PRIMARY KEY)');
});
afterEach(() => database.close());

const count = () => statement(database, 'SELECT count(*) AS n FROM t').get()?.n;

describe('a transaction', () => {
  it('keeps all of it, and answers with what the work answers', () => {
    expect(
      inTransaction(database, () => database.prepare('INSERT INTO t VALUES (1), (2)').run().changes),
    ).toBe(2);
    expect(count()).toBe(2);
  });

  it('leaves nothing of work that throws, and the next one begins anew', () => {
    const work = () => {
      database.exec('INSERT INTO t VALUES (1)');
      throw new Error('half way');
    };
    expect(() => inTransaction(database, work)).toThrow('half way');
    expect(count()).toBe(0);
    inTransaction(database, () => database.exec('INSERT INTO t VALUES (1)'));
    expect(count()).toBe(1);
  });

  it('says why it failed where the database has undone it by itself, as it does on a full disk', () => {
    const fill = () => {
      // The database ends the transaction for a fault such as SQLITE_FULL.
      database.exec('ROLLBACK');
      throw new Error('database or disk is full');
    };
    expect(() => inTransaction(database, fill)).toThrow('database or disk is full');
  });
});
