import type { DatabaseSync } from 'node:sqlite';

import type { BackendChoice } from '../automation/schedules/backends/choose.ts';
import type { ReconcileOptions } from '../automation/schedules/reconcile.ts';
import { systemClock } from '../base/clock.ts';
import { openHomeDatabase, openHomeDatabaseReadOnly } from '../home/database.ts';
import { type HomePaths, resolveHomePaths } from '../home/paths.ts';
import type { CommandContext } from './command.ts';

interface OpenOptions {
  readonly backend?: BackendChoice | undefined;
  /** Nothing is written, not even an empty database. */
  readonly readOnly?: boolean;
}

/** Opens what the commands about schedules work on, runs `use`, and closes it again. */
export async function withSchedules<T>(
  { io }: Pick<CommandContext, 'io'>,
  { backend, readOnly = false }: OpenOptions,
  use: (options: ReconcileOptions) => Promise<T>,
): Promise<T> {
  const { openBackends } = await import('../automation/schedules/backends/choose.ts');
  const { programFile } = await import('../automation/schedules/start-run.ts');
  const { loadSettingsOrThrow } = await import('../home/config.ts');
  const home = resolveHomePaths(io.env, io.userHome());
  const wanted = backend ?? loadSettingsOrThrow(home).scheduleBackend;
  const database = readOnly ? await openToLook(home) : await openHomeDatabase(home);
  try {
    const world = { home, userHome: io.userHome(), env: io.env, database };
    return await use({
      ...world,
      backends: await openBackends(world, wanted),
      clock: systemClock,
      program: { node: process.execPath, program: programFile() },
      dryRun: readOnly,
    });
  } finally {
    database.close();
  }
}

/** Where nothing has been registered yet, an empty database in memory answers the same questions. */
async function openToLook(home: HomePaths): Promise<DatabaseSync> {
  const existing = openHomeDatabaseReadOnly(home.database);
  if (existing !== undefined) return existing;
  const [{ DatabaseSync: Database }, { MIGRATIONS }] = await Promise.all([
    import('node:sqlite'),
    import('../home/migrations/index.ts'),
  ]);
  const empty = new Database(':memory:');
  for (const migration of MIGRATIONS) migration.apply(empty);
  return empty;
}
