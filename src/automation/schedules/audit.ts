import type { DatabaseSync } from 'node:sqlite';

import { isRunning } from '../../base/process-identity.ts';
import { discoverScripts, type ScriptEntry } from '../scripts/discover.ts';
import { mayRunByItself } from '../scripts/registry.ts';
import type { FoundUnit, ScheduleBackend } from './backends/contract.ts';
import type { ReconcileOptions } from './reconcile.ts';
import { latestRun, type Run } from './runs.ts';
import { listSchedules, type Schedule } from './store.ts';
import { isSameTiming, timingLabel, timingValue } from './timing.ts';

export const SCHEDULE_HEALTH = ['ok', 'failing', 'stale', 'disabled', 'unknown', 'drifted'] as const;
export type ScheduleHealth = (typeof SCHEDULE_HEALTH)[number];

/** One line of `scripts schedules`: what a schedule is, where it stands, and whether it is as it should be. */
export interface ScheduleRow {
  readonly cron_id: string;
  readonly script_name: string | null;
  readonly script_path: string | null;
  readonly description: string;
  readonly schedule_type: string;
  readonly schedule_value: string;
  readonly schedule_label: string;
  readonly backend: string;
  readonly recovery_policy: string | null;
  readonly enabled: boolean;
  readonly next_run_at: string | null;
  readonly last_run_at: string | null;
  readonly last_exit_code: number | null;
  readonly last_summary: string | null;
  /** `running`, `waiting`, `disabled`, `not loaded` or `unknown`. */
  readonly state: string;
  readonly health: ScheduleHealth;
  readonly schedule_origin: 'declared_managed' | 'added' | 'discovered_manual' | 'orphan_schedule';
  readonly schedule_declared: boolean;
  readonly schedule_managed: boolean;
  readonly schedule_matches_declared: boolean;
  readonly schedule_state: 'healthy' | 'drifted' | 'manual_matching_declared' | 'manual_drift' | 'orphaned';
  readonly problems: readonly string[];
}

export interface AuditOptions {
  readonly database: DatabaseSync;
  readonly entries: readonly ScriptEntry[];
  readonly backends: readonly ScheduleBackend[];
  readonly now: number;
}

const HOUR_MS = 3_600_000;

/** `auditSchedules` for what `withSchedules` opens. */
export function listAllSchedules({
  home,
  database,
  backends,
  clock,
}: ReconcileOptions): Promise<ScheduleRow[]> {
  const { entries } = discoverScripts(home);
  return auditSchedules({ database, entries, backends: backends.all, now: clock.now() });
}

/** Every schedule that there is, ours or not, by id. Costs as much as there are schedules, however many runs they had. */
export async function auditSchedules({
  database,
  entries,
  backends,
  now,
}: AuditOptions): Promise<ScheduleRow[]> {
  const rows = listSchedules(database);
  const scripts = new Map(
    entries.filter(({ classification }) => classification === 'personal').map((entry) => [entry.path, entry]),
  );
  const found: ScheduleRow[] = [];
  const seen = new Set<string>();
  for (const backend of backends) {
    for (const unit of await backend.discover()) {
      const row = rows.find(({ cronId }) => cronId === unit.cronId && unit.managed);
      if (row !== undefined) seen.add(row.cronId);
      const { loaded } = unit.managed ? await backend.state(unit.cronId) : { loaded: true };
      found.push(
        describe({ database, row, unit, backend, entry: scripts.get(unit.scriptPath ?? ''), now, loaded }),
      );
    }
  }
  for (const row of rows) {
    if (seen.has(row.cronId)) continue;
    const backend = { name: row.backend };
    const entry = scripts.get(row.scriptPath);
    found.push(describe({ database, row, unit: undefined, backend, entry, now, loaded: false }));
  }
  return found.sort((a, b) => (a.cron_id < b.cron_id ? -1 : 1));
}

interface Described {
  readonly database: DatabaseSync;
  readonly row: Schedule | undefined;
  readonly unit: FoundUnit | undefined;
  readonly backend: Pick<ScheduleBackend, 'name'>;
  readonly entry: ScriptEntry | undefined;
  readonly now: number;
  readonly loaded: boolean;
}

function describe(all: Described): ScheduleRow {
  const { database, row, unit, backend, entry, loaded } = all;
  const timing = unit?.timing ?? row?.timing ?? null;
  const path = row?.scriptPath ?? unit?.scriptPath ?? null;
  const last = row && latestRun(database, row.cronId);
  const enabled = path === null || mayRunByItself(database, path);
  const declared = entry?.declaration.required === true && entry.declaration.valid;
  const managed = row !== undefined && (unit === undefined || unit.managed);
  const added = row?.source === 'added';
  const problems = problemsOf(all, timing);
  const matches = declared && problems.length === 0;
  const origin = !managed
    ? declared
      ? 'discovered_manual'
      : 'orphan_schedule'
    : declared
      ? 'declared_managed'
      : added && entry !== undefined
        ? 'added'
        : 'orphan_schedule';
  const running = last !== undefined && last.endedAt === null && isRunning(last.owner);
  return {
    cron_id: row?.cronId ?? unit?.cronId ?? '',
    script_name: entry?.name ?? row?.name ?? null,
    script_path: path,
    description: row?.description ?? unit?.description ?? '',
    schedule_type: timing?.kind ?? 'manual',
    schedule_value: timing === null ? '' : timingValue(timing),
    schedule_label: timing === null ? 'manual' : timingLabel(timing),
    backend: backend.name,
    recovery_policy: row?.recoveryPolicy ?? null,
    enabled,
    next_run_at: row?.nextDueAt && enabled && !running ? new Date(row.nextDueAt).toISOString() : null,
    last_run_at: last === undefined ? null : `${last.startedAt.replace(' ', 'T')}Z`,
    last_exit_code: last?.exitCode ?? null,
    last_summary: last === undefined ? null : last.summary || last.error,
    state:
      row === undefined
        ? 'unknown'
        : !enabled
          ? 'disabled'
          : running
            ? 'running'
            : loaded
              ? 'waiting'
              : 'not loaded',
    health: healthOf(all, { enabled, running, last, problems }),
    schedule_origin: origin,
    schedule_declared: declared,
    schedule_managed: managed && declared && matches,
    schedule_matches_declared: matches,
    schedule_state: stateOf(origin, problems.length === 0),
    problems,
  };
}

function problemsOf({ row, unit, backend, entry, loaded }: Described, timing: FoundUnit['timing']): string[] {
  const problems: string[] = [];
  const path = row?.scriptPath ?? unit?.scriptPath ?? null;
  if (path === null) problems.push('nothing says which script it runs');
  else if (entry === undefined) problems.push('its script is gone, or is no personal script');
  if (unit !== undefined && !unit.managed)
    problems.push(
      unit.home === null
        ? 'it was made by hand; nexo scripts reconcile makes its own'
        : 'it belongs to another Nexo folder',
    );
  if (row !== undefined && unit === undefined) problems.push(`${backend.name} does not have it`);
  else if (row !== undefined && !loaded) problems.push(`${backend.name} has not loaded it`);
  const declaration = entry?.declaration;
  if (declaration !== undefined && row?.source !== 'added') {
    if (!declaration.required) problems.push('its script declares no schedule');
    else if (!declaration.valid) problems.push(declaration.error);
    else if (timing === null || declaration.timing === null || !isSameTiming(timing, declaration.timing))
      problems.push(
        `it is ${timing === null ? 'something else' : timingLabel(timing)}, and its script declares ${declaration.scheduleLabel}`,
      );
    else if (row !== undefined && row.cronId !== declaration.cronId)
      problems.push(`its script declares the id ${declaration.cronId}`);
    else if (row !== undefined && row.runOnBoot !== declaration.runOnBoot)
      problems.push(`its script declares run_on_boot=${declaration.runOnBoot}`);
  }
  return problems;
}

function healthOf(
  { row, now }: Described,
  known: {
    readonly enabled: boolean;
    readonly running: boolean;
    readonly last: Run | undefined;
    readonly problems: readonly string[];
  },
): ScheduleHealth {
  const { enabled, running, last, problems } = known;
  if (row === undefined) return 'unknown';
  if (!enabled) return 'disabled';
  if (problems.length > 0) return 'drifted';
  if (running) return 'ok';
  const lastAt = last === undefined ? row.createdAt : Date.parse(`${last.startedAt.replace(' ', 'T')}Z`);
  if (now - lastAt > staleAfterMs(row)) return 'stale';
  if (last === undefined) return 'unknown';
  // A run that its supervisor has stopped is no failure.
  return last.exitCode === 0 || last.exitCode === 143 ? 'ok' : 'failing';
}

/** How long a schedule may be silent before something must be wrong. */
function staleAfterMs({ timing }: Schedule): number {
  if (timing.kind === 'interval') return Math.max(3 * timing.seconds, timing.seconds + 600) * 1000;
  if (timing.kind === 'keep_alive') return 2 * HOUR_MS;
  return timing.weekday === null ? 36 * HOUR_MS : 8 * 24 * HOUR_MS;
}

function stateOf(origin: ScheduleRow['schedule_origin'], clean: boolean): ScheduleRow['schedule_state'] {
  if (origin === 'declared_managed') return clean ? 'healthy' : 'drifted';
  if (origin === 'added') return clean ? 'healthy' : 'drifted';
  if (origin === 'discovered_manual') return clean ? 'manual_matching_declared' : 'manual_drift';
  return 'orphaned';
}
