import { spawn } from 'node:child_process';

import type { HomePaths } from '../../home/paths.ts';
import type { Run } from './runs.ts';

export interface StartedRun {
  /** Resolves when the process that runs it has ended; the ledger says how. */
  readonly ended: Promise<void>;
  stop(signal: NodeJS.Signals): void;
}

export type StartRun = (run: Run, options: { readonly home: HomePaths }) => StartedRun;

/**
 * Starts a claimed run in a process of its own, in a group of its own: when the scheduler dies, the run goes on and
 * records its own end.
 */
export const startWrapper: StartRun = (run, { home }) => {
  const [, program = ''] = process.argv;
  const child = spawn(
    process.execPath,
    [program, 'schedules', 'fire', run.cronId, '--run', String(run.id), '--token', run.token],
    {
      cwd: home.home,
      env: { ...process.env, NEXO_HOME: home.home },
      stdio: 'ignore',
      detached: true,
    },
  );
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  return { ended, stop: (signal) => void child.kill(signal) };
};
