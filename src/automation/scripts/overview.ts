import type { DatabaseSync } from 'node:sqlite';

import type { HomePaths } from '../../home/paths.ts';
import { latestRun, type Run } from '../schedules/runs.ts';
import { listSchedules, type Schedule } from '../schedules/store.ts';
import { timingValue } from '../schedules/timing.ts';
import { discoverScripts, namingPolicy, type ScriptEntry } from './discover.ts';
import { isPrefixed } from './names.ts';
import { listRows, type ScriptRow, syncScripts } from './registry.ts';
import { recentRuns, type ScriptRun } from './run-records.ts';

/** A schedule that is attached to a script. */
export interface AttachedSchedule {
  readonly cron_id: string;
  readonly schedule_type: string;
  readonly schedule_value: string;
  readonly schedule_label: string;
  readonly backend: string;
}

/** The newest run of a script, by hand or by its schedule. */
export interface LastRun {
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly exit_code: number | null;
  readonly summary: string;
  /** `manual`, or the id of the schedule that started it. */
  readonly started_by: string;
}

/** One line of the list; the same fields for every script, null where a script is not in the index. */
export interface ListedScript
  extends Omit<
    ScriptRow,
    'id' | 'enabled' | 'created_by' | 'source' | 'origin' | 'last_synced_at' | 'created_at' | 'updated_at'
  > {
  readonly id: string | null;
  readonly classification: string;
  readonly reason: string;
  readonly core: boolean;
  readonly hidden: boolean;
  readonly enabled: boolean;
  readonly created_by: string | null;
  readonly source: string | null;
  readonly origin: string | null;
  readonly last_synced_at: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly schedules: readonly AttachedSchedule[];
  readonly has_schedule: boolean;
  readonly declared_schedule: DeclaredSchedule;
  readonly last_run_at: string | null;
  readonly last_exit_code: number | null;
  readonly last_summary: string | null;
}

export interface DeclaredSchedule {
  readonly required: boolean;
  readonly valid: boolean;
  readonly error: string;
  readonly cron_id: string;
  readonly schedule_type: string | null;
  readonly schedule_value: string;
  readonly schedule_label: string;
  readonly recovery_policy: string;
  readonly run_on_boot: boolean;
  readonly run_on_wake: boolean;
  readonly idempotent: boolean;
  readonly max_catchup_age: number;
}

/** The declared schedule as programs see it. */
export function showDeclaration({ declaration }: Pick<ScriptEntry, 'declaration'>): DeclaredSchedule {
  const { required, valid, error } = declaration;
  return {
    required,
    valid,
    error,
    cron_id: required ? declaration.cronId : '',
    schedule_type: declaration.scheduleType,
    schedule_value: declaration.scheduleValue,
    schedule_label: declaration.scheduleLabel,
    recovery_policy: declaration.recoveryPolicy,
    run_on_boot: declaration.runOnBoot,
    run_on_wake: declaration.runOnWake,
    idempotent: declaration.idempotent,
    max_catchup_age: declaration.maxCatchupAge,
  };
}

/** One file as `classify` reports it. */
export function showEntry(entry: ScriptEntry) {
  return {
    name: entry.name,
    runtime: entry.runtime,
    description: entry.description,
    path: entry.path,
    core: isCore(entry),
    metadata: entry.metadata,
    classification: entry.classification,
    reason: entry.reason,
    declared_schedule: showDeclaration(entry),
    filename_prefixed: isPrefixed(entry.path),
    ...(entry.classification === 'personal' && { naming_policy: namingPolicy(entry) }),
  };
}

/**
 * The scripts by name, the index brought up to date first: personal ones that are not hidden, or with `all` those of
 * Nexo and hidden ones too.
 */
export function listScripts(
  database: DatabaseSync,
  paths: HomePaths,
  { all = false }: { readonly all?: boolean } = {},
): ListedScript[] {
  const discovery = discoverScripts(paths);
  syncScripts(database, discovery, paths);
  const rows = new Map(listRows(database).map((row) => [row.path, row]));
  const look = attachmentReader(database);
  return discovery.entries
    .filter(({ classification, hidden }) => {
      return classification === 'personal' ? all || !hidden : all && classification === 'core';
    })
    .filter(({ path }) => all || rows.get(path)?.removed_at == null)
    .map((entry) => toListed(entry, rows.get(entry.path), look))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export interface ScriptDetail extends ListedScript {
  readonly findings: readonly { readonly line: number; readonly message: string }[];
  readonly runs: readonly ScriptRun[];
}

/** Everything about one script, with the newest runs that a person started. */
export function describeScript(database: DatabaseSync, entry: ScriptEntry, runs = 5): ScriptDetail {
  const row = listRows(database).find(({ path }) => path === entry.path);
  return {
    ...toListed(entry, row, attachmentReader(database)),
    findings: entry.findings.map(({ line, message }) => ({ line, message })),
    runs: recentRuns(database, entry.path, runs),
  };
}

/** The newest run of a script, whoever started it. */
export function lastRunOf(database: DatabaseSync, path: string): LastRun | null {
  return attachmentReader(database)(path).lastRun;
}

type AttachmentReader = (path: string) => {
  readonly schedules: readonly AttachedSchedule[];
  readonly lastRun: LastRun | null;
};

/** The newest runs come from an index each, so the number of runs ever made does not matter. */
function attachmentReader(database: DatabaseSync): AttachmentReader {
  const byScript = Map.groupBy(listSchedules(database), ({ scriptPath }) => scriptPath);
  return (path) => {
    const schedules = byScript.get(path) ?? [];
    const runs = [
      ...recentRuns(database, path, 1).map(({ started_at, ended_at, exit_code, summary }) => {
        return { started_at, ended_at, exit_code, summary, started_by: 'manual' };
      }),
      ...schedules.flatMap(({ cronId }) => {
        const run = latestRun(database, cronId);
        return run === undefined ? [] : [ofSchedule(run, cronId)];
      }),
    ];
    runs.sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
    return { schedules: schedules.map(toAttached), lastRun: runs[0] ?? null };
  };
}

function ofSchedule({ startedAt, endedAt, exitCode, summary }: Run, cronId: string): LastRun {
  return {
    started_at: isoOf(startedAt),
    ended_at: endedAt === null ? null : isoOf(endedAt),
    exit_code: exitCode,
    summary,
    started_by: cronId,
  };
}

/** Runs of schedules say UTC as SQLite writes it. */
function isoOf(time: string): string {
  return new Date(`${time.replace(' ', 'T')}Z`).toISOString();
}

function toAttached({ cronId, timing, label, backend }: Schedule): AttachedSchedule {
  return {
    cron_id: cronId,
    schedule_type: timing.kind,
    schedule_value: timingValue(timing),
    schedule_label: label,
    backend,
  };
}

function toListed(entry: ScriptEntry, row: ScriptRow | undefined, look: AttachmentReader): ListedScript {
  const { schedules, lastRun } = look(entry.path);
  return {
    id: row?.id ?? null,
    name: entry.name,
    path: entry.path,
    description: entry.description,
    runtime: entry.runtime,
    metadata: entry.metadata,
    classification: entry.classification,
    reason: entry.reason,
    core: isCore(entry),
    hidden: entry.hidden,
    enabled: row?.enabled ?? true,
    removed_at: row?.removed_at ?? null,
    has_inline_metadata: Object.keys(entry.metadata).length > 0,
    created_by: row?.created_by ?? null,
    source: row?.source ?? null,
    origin: row?.origin ?? null,
    last_synced_at: row?.last_synced_at ?? null,
    created_at: row?.created_at ?? null,
    updated_at: row?.updated_at ?? null,
    schedules,
    has_schedule: schedules.length > 0,
    declared_schedule: showDeclaration(entry),
    last_run_at: lastRun?.started_at ?? null,
    last_exit_code: lastRun?.exit_code ?? null,
    last_summary: lastRun?.summary ?? null,
  };
}

function isCore({ classification }: ScriptEntry): boolean {
  return classification === 'core' || classification === 'core-dev';
}
