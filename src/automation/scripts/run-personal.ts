import type { DatabaseSync } from 'node:sqlite';

import type { HomePaths } from '../../home/paths.ts';
import { discoverScripts, type ScriptEntry } from './discover.ts';
import { syncScripts } from './registry.ts';
import { resolveScript } from './resolve-script.ts';
import { beginRun, endRun } from './run-records.ts';
import { type RunOptions, type RunResult, runScript } from './run-script.ts';

export interface PersonalRun extends RunResult {
  readonly entry: ScriptEntry;
  readonly runId: number;
}

/**
 * Runs what a person named, from where they are, and records the run before and after. The switch for schedules does
 * not count here. Throws SCRIPT_NOT_FOUND; throws the run's failure when it could not be started.
 */
export async function runPersonal(
  database: DatabaseSync,
  paths: HomePaths,
  options: Omit<RunOptions, 'entry' | 'paths' | 'timeoutMs'> & {
    readonly target: string;
    readonly cwd: string;
  },
): Promise<PersonalRun> {
  const { target, ...rest } = options;
  const { entry } = resolveScript(paths, target, options.cwd);
  syncScripts(database, discoverScripts(paths), paths);
  const timeoutMs = timeLimitOf(entry);
  const runId = beginRun(database, entry);
  const result = await runScript({
    ...rest,
    entry,
    paths,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  endRun(database, runId, result);
  if (result.failure !== undefined) throw result.failure;
  return { ...result, entry, runId };
}

/** What its header allows a script, in milliseconds; undefined when it says nothing that is a number. */
export function timeLimitOf({ metadata }: Pick<ScriptEntry, 'metadata'>): number | undefined {
  const text = metadata.timeout ?? '';
  const seconds = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  return seconds > 0 ? seconds * 1000 : undefined;
}
