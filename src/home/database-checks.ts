import { existsSync } from 'node:fs';
import { basename } from 'node:path';

import { type Check, critical, degraded, type Finding, healthy } from '../base/check.ts';
import { checkHomeDatabase, type DatabaseHealth, openHomeDatabase, restoreHomeDatabase } from './database.ts';
import type { HomePaths } from './paths.ts';

export interface DatabaseCheckContext {
  readonly paths: HomePaths;
  /** Whether the daemon, which has the database open, lives. */
  daemonLives(): boolean;
}

const exists: Check<DatabaseCheckContext> = {
  id: 'boot.db_exists',
  tier: 'boot',
  run: ({ paths }) =>
    existsSync(paths.database)
      ? healthy('The database is there.')
      : critical(`${paths.database} is missing.`, {
          repairPlan: ['nexo home init makes an empty one; so does nexo doctor --fix.'],
          escalation:
            'The database of Nexo is missing. Was it moved or deleted? Look for it before a new one is made.',
        }),
  fix: async ({ paths }) => {
    if (existsSync(paths.database)) return [];
    (await openHomeDatabase(paths)).close();
    return [`made ${paths.database}`];
  },
};

const integrity: Check<DatabaseCheckContext> = {
  id: 'boot.db_integrity',
  tier: 'boot',
  run: ({ paths }) => describe(checkHomeDatabase(paths.database), 'quick check'),
  fix: async ({ paths, daemonLives }) => {
    if (checkHomeDatabase(paths.database).state !== 'damaged') return [];
    // It would go on writing into the file that was set aside.
    if (daemonLives()) throw new Error('the daemon has it open: nexo daemon stop, and then again');
    const { setAside, restoredFrom } = await restoreHomeDatabase(paths);
    (await openHomeDatabase(paths)).close();
    return [
      ...setAside.map((path) => `set the damaged file aside as ${path}`),
      restoredFrom === undefined
        ? 'made an empty database: there was no good backup'
        : `restored ${basename(restoredFrom)}`,
    ];
  },
};

const deepIntegrity: Check<DatabaseCheckContext> = {
  id: 'deep.db_integrity',
  tier: 'deep',
  run: ({ paths }) => describe(checkHomeDatabase(paths.database, { deep: true }), 'every page'),
  fix: (context) => integrity.fix?.(context) ?? [],
};

const schemaVersion: Check<DatabaseCheckContext> = {
  id: 'deep.schema_version',
  tier: 'deep',
  run: ({ paths }) => {
    const health = checkHomeDatabase(paths.database);
    if (health.state === 'missing')
      return degraded('There is no database.', { repairPlan: ['nexo home init'] });
    if (health.state === 'damaged')
      return degraded('The database cannot be read.', { repairPlan: ['nexo doctor --fix'] });
    const { version, latest } = health;
    if (version === latest) return healthy(`Layout ${version}, the newest.`);
    return version > latest
      ? describe(health, 'layout')
      : degraded(`Layout ${version}; the newest is ${latest}.`, {
          repairPlan: [
            'The next command that uses the database brings it up to date; so does nexo doctor --tier deep --fix.',
          ],
        });
  },
  fix: async ({ paths }) => {
    const before = checkHomeDatabase(paths.database);
    if (before.state !== 'healthy' || before.version >= before.latest) return [];
    (await openHomeDatabase(paths)).close();
    return [`brought the database from layout ${before.version} to ${before.latest}`];
  },
};

function describe(health: DatabaseHealth, how: string): Finding {
  switch (health.state) {
    case 'healthy':
      return healthy(`The database is whole (${how}, ${Math.ceil(health.bytes / 1024)} KiB).`);
    case 'missing':
      // Said by its own check, once.
      return healthy('There is no database to check.');
    case 'too-new':
      return critical(
        `A newer Nexo has written the database: layout ${health.version}, we know ${health.latest}.`,
        {
          repairPlan: ['Update Nexo. Nothing is lost.'],
        },
      );
    case 'damaged':
      return critical('The database is damaged.', {
        evidence: health.problems.slice(0, 10),
        repairPlan: [
          'nexo daemon stop, if it runs',
          'nexo doctor --fix sets the file aside and restores the newest backup',
        ],
        escalation:
          'The database of Nexo is damaged. The damaged file is kept: see what can be read from it.',
      });
  }
}

export const DATABASE_CHECKS: readonly Check<DatabaseCheckContext>[] = [
  exists,
  integrity,
  schemaVersion,
  deepIntegrity,
];
