import { NexoError } from '../../../errors.ts';
import type { HomePaths } from '../../../home/paths.ts';
import { discoverScripts, type ScriptEntry } from '../discover.ts';
import { resolveScript } from '../resolve-script.ts';
import { checkScript } from './check-script.ts';
import { fail, type ScriptReport } from './item.ts';

export interface DiagnoseOptions {
  /** A name or a path; undefined for every personal script that is not hidden. */
  readonly target: string | undefined;
  readonly cwd: string;
  /** `PATH` of whoever asks. */
  readonly searchPath: string | undefined;
  /** `PATH` that the runs of schedules see; undefined until schedules were reconciled once. */
  readonly jobPath?: string | undefined;
}

/** Looks at one script, or at all of them. One that is not there is a report too. Reads only. */
export function diagnoseScripts(
  paths: HomePaths,
  { target, cwd, ...search }: DiagnoseOptions,
): readonly ScriptReport[] {
  if (target === undefined) {
    const { entries } = discoverScripts(paths);
    return entries.filter(isLookedAt).map((entry) => checkScript(entry, { paths, entries, ...search }));
  }
  try {
    const { entry, entries } = resolveScript(paths, target, cwd);
    return [checkScript(entry, { paths, entries, ...search })];
  } catch (error) {
    if (!(error instanceof NexoError) || error.code !== 'SCRIPT_NOT_FOUND') throw error;
    return [{ status: 'fail', items: [fail(`${error.message} ${error.hint ?? ''}`.trim())] }];
  }
}

/** A script that is ignored because of its name is looked at too, or nobody would learn why it never runs. */
function isLookedAt({ classification, hidden, reason }: ScriptEntry): boolean {
  return (
    (classification === 'personal' && !hidden) ||
    (classification === 'ignored' && reason.includes('Nexo itself'))
  );
}
