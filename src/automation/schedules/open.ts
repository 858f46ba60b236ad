import { DatabaseSync } from 'node:sqlite';

import { type Clock, systemClock } from '../../base/clock.ts';
import { loadSettings, loadSettingsOrThrow } from '../../home/config.ts';
import { openHomeDatabase, openHomeDatabaseReadOnly } from '../../home/database.ts';
import { MIGRATIONS } from '../../home/migrations/index.ts';
import type { HomePaths } from '../../home/paths.ts';
import { type BackendChoice, openBackends } from './backends/choose.ts';
import type { ReconcileOptions } from './reconcile.ts';
import { programFile } from './start-run.ts';

export interface SchedulesWorld {
  readonly home: HomePaths;
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock?: Clock;
  /** Called behind what may have changed a schedule, so that whoever waits for the next one looks anew. */
  tellScheduler?(): Promise<void>;
}

export interface OpenSchedules {
  /** Default: what the settings say. */
  readonly backend?: BackendChoice | undefined;
  /** Nothing is written, not even an empty database. */
  readonly readOnly?: boolean | undefined;
}

/** Opens what everything about schedules works on, runs `use`, and closes it again. */
export async function withSchedules<T>(
  world: SchedulesWorld,
  { backend, readOnly = false }: OpenSchedules,
  use: (options: ReconcileOptions) => Promise<T>,
): Promise<T> {
  const { home } = world;
  // Who only looks is not stopped by a mistake in the settings; the doctor has a check for those.
  const settings = readOnly ? loadSettings(home).settings : loadSettingsOrThrow(home);
  const wanted = backend ?? settings.scheduleBackend;
  const database = readOnly ? openToLook(home) : await openHomeDatabase(home);
  try {
    return await use({
      home,
      userHome: world.userHome,
      env: world.env,
      database,
      backends: await openBackends({ ...world, database }, wanted),
      clock: world.clock ?? systemClock,
      program: { node: process.execPath, program: programFile() },
      dryRun: readOnly,
    });
  } finally {
    database.close();
    if (!readOnly) await world.tellScheduler?.();
  }
}

/** Where nothing has been registered yet, an empty database in memory answers the same questions. */
function openToLook(home: HomePaths): DatabaseSync {
  const existing = openHomeDatabaseReadOnly(home.database, { leaveNoTrace: true });
  if (existing !== undefined) return existing;
  const empty = new DatabaseSync(':memory:');
  for (const migration of MIGRATIONS) migration.apply(empty);
  return empty;
}
