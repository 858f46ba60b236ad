import type { DatabaseSync } from 'node:sqlite';

import { isRunning, pidOf } from '../../../base/process-identity.ts';
import { latestRun, readOpenRun } from '../runs.ts';
import { listSchedules, readSchedule } from '../store.ts';
import type { ScheduleBackend } from './contract.ts';

export interface BuiltinOptions {
  readonly database: DatabaseSync;
  readonly home: string;
}

/**
 * Our own scheduler, which the daemon runs: a registered schedule is all that it needs, so there are no files, and
 * nothing of the operating system is touched.
 */
export function builtinBackend({ database, home }: BuiltinOptions): ScheduleBackend {
  return {
    name: 'builtin',
    plan: () => [],
    discover: async () =>
      listSchedules(database)
        .filter(({ backend }) => backend === 'builtin')
        .map(({ cronId, scriptPath, timing, runOnBoot, description }) => ({
          cronId,
          scriptPath,
          timing,
          runAtLoad: runOnBoot,
          managed: true,
          home,
          label: cronId,
          description,
          files: [],
        })),
    install: async () => {},
    remove: async () => ({ deleted: [] }),
    state: async (cronId) => {
      const open = readOpenRun(database, cronId);
      const alive = open !== undefined && isRunning(open.owner);
      return {
        loaded: readSchedule(database, cronId)?.backend === 'builtin',
        pid: alive ? (pidOf(open.child ?? open.owner) ?? null) : null,
        lastExitCode: latestRun(database, cronId)?.exitCode ?? null,
        detail: alive ? 'running' : 'waiting',
      };
    },
  };
}
