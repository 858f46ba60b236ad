import { scriptsMigration } from './001-scripts.ts';
import { schedulesMigration } from './002-schedules.ts';
import { skillsMigration } from './003-skills.ts';
import { runsMigration } from './004-runs.ts';
import type { Migration } from './migration.ts';

/** Every step, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  scriptsMigration,
  schedulesMigration,
  skillsMigration,
  runsMigration,
];
