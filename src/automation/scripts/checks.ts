import { type Check, type CheckIssue, degraded, fromIssues } from '../../base/check.ts';
import type { HomePaths } from '../../home/paths.ts';
import { diagnoseScripts } from './doctor/diagnose.ts';

export interface ScriptCheckContext {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly script: string | undefined;
}

/** The same as `nexo scripts doctor`, for all of them. */
const scripts: Check<ScriptCheckContext> = {
  id: 'deep.scripts',
  tier: 'deep',
  run: ({ paths, env, script }) => {
    const reports = diagnoseScripts(paths, { target: script, cwd: paths.scripts, searchPath: env.PATH });
    if (script !== undefined && reports.every(({ path }) => path === undefined)) {
      return degraded(`There is no personal script "${script}".`, { repairPlan: ['nexo scripts list'] });
    }
    const issues = reports.flatMap(({ name, items }) =>
      items
        .filter(({ level }) => level !== 'pass')
        .map(
          ({ level, msg }): CheckIssue => ({
            subject: name ?? script ?? 'script',
            severity: level === 'fail' ? 'error' : 'warn',
            message: msg,
          }),
        ),
    );
    return fromIssues(issues, {
      healthy: `${reports.length} ${reports.length === 1 ? 'script is' : 'scripts are'} in order.`,
      repairPlan: ['nexo scripts doctor NAME shows everything about one of them.'],
    });
  },
};

export const SCRIPT_CHECKS: readonly Check<ScriptCheckContext>[] = [scripts];
