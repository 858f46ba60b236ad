import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { HomePaths } from '../../home/paths.ts';
import { readScriptFile } from '../scripts/discover.ts';
import { runScript } from '../scripts/run-script.ts';
import type { RunJob } from './execute.ts';

export interface JobWorld {
  readonly home: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  /** `PATH` as it was captured when the schedules were reconciled; undefined for our own. */
  readonly searchPath: string | undefined;
}

/** Shorter than what a stopping program itself gets, so that the end of the script is still recorded. */
const GRACE_MS = 4_000;

/** Runs the script of a schedule as `scripts run` does, with what a job may know besides, and its output in the logs. */
export function createRunJob({ home, env, searchPath }: JobWorld): RunJob {
  return ({ schedule, run, timeoutMs, signal, onStart }) => {
    const { cronId, scriptPath } = schedule;
    if (!existsSync(scriptPath)) throw new Error(`the script ${scriptPath} is not there`);
    return runScript({
      entry: readScriptFile(scriptPath, home),
      env: {
        ...env,
        ...(searchPath !== undefined && { PATH: searchPath }),
        NEXO_MANAGED_PERSONAL_CRON: '1',
        NEXO_PERSONAL_CRON_ID: cronId,
        NEXO_SCHEDULE_DUE_AT: new Date(run.dueAt).toISOString(),
        ...(run.cause === 'catchup' && { NEXO_CATCHUP: '1' }),
      },
      paths: home,
      signal,
      onStart,
      graceMs: GRACE_MS,
      ...(timeoutMs !== undefined && { timeoutMs }),
      output: { stdoutLog: jobLog(home, cronId, 'stdout'), stderrLog: jobLog(home, cronId, 'stderr') },
    });
  };
}

/** Where the output of a schedule's runs goes. */
export function jobLog(home: Pick<HomePaths, 'logs'>, cronId: string, stream: 'stdout' | 'stderr'): string {
  return join(home.logs, `${cronId}-${stream}.log`);
}
