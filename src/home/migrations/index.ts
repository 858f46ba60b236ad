import type { DatabaseSync } from 'node:sqlite';

import { scriptsMigration } from './001-scripts.ts';
import { schedulesMigration } from './002-schedules.ts';
import { skillsMigration } from './003-skills.ts';
import { runsMigration } from './004-runs.ts';

/** One step of the database's layout. Once released, a step never changes: the next change is a new step. */
export interface Migration {
  /** `user_version` after it, counted up by one. */
  readonly version: number;
  readonly name: string;
  apply(database: DatabaseSync): void;
}

/** Every step, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  scriptsMigration,
  schedulesMigration,
  skillsMigration,
  runsMigration,
];
