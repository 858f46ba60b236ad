import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { HomePaths } from '../../home/paths.ts';
import { packageRoot } from '../../version.ts';
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
  const child = spawn(
    process.execPath,
    [programFile(), 'schedules', 'fire', run.cronId, '--run', String(run.id), '--token', run.token],
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

/** The file that Node runs as this program: the bundle, or the sources where there is none. */
export function programFile(root: string = packageRoot()): string {
  const bundle = join(root, 'dist', 'main.js');
  return existsSync(bundle) ? bundle : join(root, 'src', 'main.ts');
}
