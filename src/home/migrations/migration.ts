import type { DatabaseSync } from 'node:sqlite';

/** One step of the database's layout. Once released, a step never changes: the next change is a new step. */
export interface Migration {
  /** `user_version` after it, counted up by one. */
  readonly version: number;
  readonly name: string;
  apply(database: DatabaseSync): void;
}
