import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Runs `work` in one transaction that takes the write lock at once: all of it happens, or nothing. `work` is
 * synchronous, so that nothing else of this process comes in between, and must not begin one itself.
 */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // A full disk or a failed write has undone it already; what is of use is why.
    }
    throw error;
  }
}

const statements = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** The prepared statement for this text, made once for each connection: preparing costs more than most of them. */
export function statement(database: DatabaseSync, sql: string): StatementSync {
  const known = statements.get(database);
  const ofDatabase = known ?? new Map<string, StatementSync>();
  if (known === undefined) statements.set(database, ofDatabase);
  const prepared = ofDatabase.get(sql) ?? database.prepare(sql);
  ofDatabase.set(sql, prepared);
  return prepared;
}

export type Row = NonNullable<ReturnType<StatementSync['get']>>;

export const text = (row: Row, column: string): string => String(row[column] ?? '');
export const numberOf = (row: Row, column: string): number => Number(row[column] ?? 0);
export const numberOrNull = (row: Row, column: string): number | null =>
  row[column] === null || row[column] === undefined ? null : Number(row[column]);
export const textOrNull = (row: Row, column: string): string | null =>
  row[column] === null || row[column] === undefined ? null : String(row[column]);
export const isSet = (row: Row, column: string): boolean => row[column] === 1;

/** `YYYY-MM-DD HH:MM:SS` in UTC, the form of the times in `cron_runs`. */
export function sqlTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
