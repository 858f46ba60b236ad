import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import {
  type Check,
  type CheckIssue,
  degraded,
  type Finding,
  fromIssues,
  healthy,
} from '../../base/check.ts';
import type { Clock } from '../../base/clock.ts';
import { checkHomeDatabase } from '../../home/database.ts';
import type { HomePaths } from '../../home/paths.ts';
import { discoverScripts } from '../scripts/discover.ts';
import { listRows } from '../scripts/registry.ts';
import { auditSchedules, type ScheduleRow } from './audit.ts';
import { type SchedulesWorld, withSchedules } from './open.ts';
import { type ReconcileOptions, type ReconcileReport, reconcile } from './reconcile.ts';
import { captureSearchPath } from './search-path.ts';
import { listSchedules } from './store.ts';

export interface AutomationCheckContext {
  readonly paths: HomePaths;
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Only this script, by name; undefined for all. */
  readonly script: string | undefined;
  /** Whether the daemon of this home lives. */
  daemonLives(): boolean;
  /** Has the daemon, where one runs, look at the schedules now. */
  tellScheduler(): Promise<void>;
}

/** Drift, orphans, what is declared and missing, and what was made by hand. */
const personalScripts: Check<AutomationCheckContext> = {
  id: 'runtime.personal_scripts',
  tier: 'runtime',
  run: (context) =>
    look(context, async (options) => {
      const rows = await audit(options);
      const plan = await reconcile(options);
      const all = [...rows.flatMap(rowIssues), ...planIssues(plan), ...missingFiles(options)];
      const issues = all.filter(({ subject }) => context.script === undefined || subject === context.script);
      if (context.script !== undefined && !isKnown(context.script, rows, options)) {
        return degraded(`There is no personal script "${context.script}", and no schedule of that name.`, {
          repairPlan: ['nexo scripts list'],
        });
      }
      const managed = rows.filter((row) => row.schedule_managed).length;
      const scripts = plan.classification.personal ?? 0;
      return fromIssues(issues, {
        healthy:
          context.script === undefined
            ? `${scripts} ${scripts === 1 ? 'script' : 'scripts'}, ${rows.length} ${rows.length === 1 ? 'schedule' : 'schedules'}, ${managed} managed by ${plan.backend}; no orphan, no drift.`
            : `${context.script}: no orphan, no drift.`,
        repairPlan: [
          'nexo scripts reconcile --dry-run shows what it would put right; nexo scripts reconcile does it.',
          ...(plan.orphans.some((orphan) => orphan.managed)
            ? ['nexo scripts reconcile --prune-orphans removes schedules of ours that no script declares.']
            : []),
        ],
      });
    }),
  fix: async (context) => {
    if (blockedByDatabase(context.paths) !== undefined) return [];
    return withSchedules(worldOf(context), {}, async (options) => describe(await reconcile(options)));
  },
};

/** Whether what should have run did run, and well. */
const freshness: Check<AutomationCheckContext> = {
  id: 'runtime.cron_freshness',
  tier: 'runtime',
  category: 'operator_history',
  run: (context) =>
    look(context, async (options) => {
      const rows = (await audit(options)).filter((row) => isAsked(row, context.script));
      const issues = rows
        .filter(({ health }) => health === 'failing' || health === 'stale')
        .map(
          (row): CheckIssue => ({
            subject: subjectOf(row),
            severity: 'warn',
            message:
              row.health === 'stale'
                ? `${row.schedule_label}, and it last ran ${row.last_run_at ?? 'never'}`
                : `its last run ended with ${row.last_exit_code ?? 'no exit code'}: ${row.last_summary ?? ''}`,
          }),
        );
      return fromIssues(issues, {
        healthy:
          rows.length === 0 ? 'There are no schedules.' : 'Every schedule ran when it should, and well.',
        repairPlan: ['nexo schedules status NAME shows its runs; nexo scripts run NAME tries it now.'],
      });
    }),
};

/** `PATH` is the first thing that differs between a shell and a timer. */
const jobPath: Check<AutomationCheckContext> = {
  id: 'runtime.job_path',
  tier: 'runtime',
  run: (context) =>
    look(context, async (options) => {
      const { path } = await reconcile(options);
      const folders = path.split(':').filter((folder) => folder !== '');
      const repairPlan = ['nexo scripts reconcile --refresh-path captures the PATH of this shell.'];
      const gone = folders.filter((folder) => !existsSync(folder));
      if (gone.length === folders.length) {
        return degraded('No folder of the PATH that scheduled runs see is there.', {
          evidence: gone,
          repairPlan,
        });
      }
      // Captured by an older version, or by hand: what is found there now is another program when a timer fires, or none.
      const kept = captureSearchPath(path, context.paths.bin, tmpdir()).split(':');
      const passing = folders.filter((folder) => !kept.includes(folder));
      if (passing.length === 0) return healthy(`Scheduled runs see PATH=${path}`);
      return degraded('Scheduled runs search folders that are there only for a while.', {
        evidence: passing,
        repairPlan,
      });
    }),
};

/** How long after its time a schedule may wait for the daemon, in milliseconds. */
const OVERDUE_MS = 5 * 60_000;

/** Every schedule knows when it runs next, and whoever wakes it is not late. */
const nextRuns: Check<AutomationCheckContext> = {
  id: 'deep.next_runs',
  tier: 'deep',
  run: (context) =>
    look(context, async ({ database, clock }) => {
      const schedules = listSchedules(database).filter(
        ({ name }) => context.script === undefined || name === context.script,
      );
      const issues = schedules.flatMap(({ cronId, timing, nextDueAt, backend }): CheckIssue[] => {
        if (timing.kind === 'keep_alive') return [];
        if (nextDueAt === null)
          return [{ subject: cronId, severity: 'warn', message: 'does not know when it runs next' }];
        const lateMs = clock.now() - nextDueAt;
        // Timers of the system look at the ledger when they fire; only our own scheduler keeps it up to the minute.
        if (backend !== 'builtin' || lateMs < OVERDUE_MS || !context.daemonLives()) return [];
        const message = `was due ${new Date(nextDueAt).toISOString()}, and the daemon has not seen to it`;
        return [{ subject: cronId, severity: 'error', message }];
      });
      return fromIssues(issues, {
        healthy: `${schedules.length} ${schedules.length === 1 ? 'schedule knows' : 'schedules know'} when to run next.`,
        repairPlan: ['nexo scripts reconcile', 'nexo daemon restart'],
      });
    }),
};

export const SCHEDULE_CHECKS: readonly Check<AutomationCheckContext>[] = [
  personalScripts,
  freshness,
  jobPath,
  nextRuns,
];

/** Looks without writing; a database that cannot be read has a check of its own. */
async function look(
  context: AutomationCheckContext,
  use: (options: ReconcileOptions) => Promise<Finding>,
): Promise<Finding> {
  const blocked = blockedByDatabase(context.paths);
  if (blocked !== undefined) return blocked;
  return withSchedules(worldOf(context), { readOnly: true }, use);
}

function worldOf({ paths, tellScheduler, ...world }: AutomationCheckContext): SchedulesWorld {
  const { userHome, env, clock } = world;
  return { home: paths, userHome, env, clock, tellScheduler };
}

function blockedByDatabase(paths: HomePaths): Finding | undefined {
  const { state } = checkHomeDatabase(paths.database);
  if (state !== 'damaged' && state !== 'too-new') return undefined;
  return degraded('Not looked at: the database cannot be read.', { repairPlan: ['nexo doctor --fix'] });
}

function audit({ database, home, backends, clock }: ReconcileOptions): Promise<ScheduleRow[]> {
  const { entries } = discoverScripts(home);
  return auditSchedules({ database, entries, backends: backends.all, now: clock.now() });
}

function isAsked(row: ScheduleRow, script: string | undefined): boolean {
  return script === undefined || row.script_name === script;
}

function subjectOf({ script_name: name, cron_id: id }: ScheduleRow): string {
  return name ?? id;
}

/** To say of something that does not exist that it is in order would be no help to whoever mistyped its name. */
function isKnown(
  script: string,
  rows: readonly ScheduleRow[],
  { database, home }: ReconcileOptions,
): boolean {
  return (
    rows.some((row) => subjectOf(row) === script) ||
    listRows(database).some(({ name }) => name === script) ||
    discoverScripts(home).entries.some(({ name }) => name === script)
  );
}

function rowIssues(row: ScheduleRow): CheckIssue[] {
  if (row.schedule_state === 'healthy') return [];
  const severity = row.schedule_state === 'manual_matching_declared' ? 'warn' : 'error';
  const told = row.problems.length > 0 ? row.problems.join('; ') : `is ${row.schedule_state}`;
  return [
    { subject: subjectOf(row), severity, message: `schedule ${row.cron_id} (${row.backend}): ${told}` },
  ];
}

function planIssues({ ensure_schedules: ensure }: ReconcileReport): CheckIssue[] {
  return [
    ...ensure.invalid.map(
      ({ name, error }): CheckIssue => ({ subject: name, severity: 'error', message: error }),
    ),
    ...ensure.created.map(
      ({ name, schedule_label: label }): CheckIssue => ({
        subject: name,
        severity: 'warn',
        message: `declares ${label}, and nothing runs it`,
      }),
    ),
  ];
}

/** Registered and gone: the next sync forgets it, and until then a list shows what is not there. */
function missingFiles({ database }: ReconcileOptions): CheckIssue[] {
  return listRows(database)
    .filter(({ path }) => !existsSync(path))
    .map(({ name, path }) => ({
      subject: name,
      severity: 'warn',
      message: `is registered, and ${path} is gone`,
    }));
}

/** What a reconcile changed, a line each. */
function describe({ ensure_schedules: ensure, sync }: ReconcileReport): string[] {
  return [
    ...ensure.created.map(({ name, schedule_label: label }) => `scheduled ${name}: ${label}`),
    ...ensure.repaired.map(({ name, reason }) => `repaired the schedule of ${name}: ${reason}`),
    ...ensure.already_present
      .filter(({ reloaded }) => reloaded === true)
      .map(({ name }) => `loaded the schedule of ${name} again`),
    ...(sync !== null && sync.scripts_pruned > 0
      ? [
          `forgot ${sync.scripts_pruned} registered ${sync.scripts_pruned === 1 ? 'script' : 'scripts'} whose file is gone`,
        ]
      : []),
  ];
}
