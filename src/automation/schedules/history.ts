import type { DatabaseSync } from 'node:sqlite';

import { NexoError } from '../../errors.ts';
import { sqlTime, statement } from '../../home/sql.ts';
import { type Run, runsSince } from './runs.ts';
import { readSchedule, type Schedule } from './store.ts';

export type RunMarker = 'ok' | 'warning' | 'failed' | 'running' | 'daemon active';

/** How the runs of one schedule went in a span of time. */
export interface RunSummary {
  readonly cron_id: string;
  readonly marker: RunMarker;
  readonly total_runs: number;
  readonly completed_runs: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly open_runs: number;
  /** Seconds; null while nothing has ended. */
  readonly avg_duration: number | null;
  readonly last_run: string;
  readonly last_exit_code: number | null;
  readonly last_ended_at: string | null;
  readonly last_summary: string;
}

export interface RunDetail {
  readonly due_at: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly cause: string;
  readonly attempt: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly duration_secs: number | null;
  readonly summary: string;
  readonly error: string;
}

export interface ScheduleStatus {
  readonly hours: number;
  readonly schedules: readonly RunSummary[];
  /** Each run, oldest first, when one schedule was asked for. */
  readonly runs: readonly RunDetail[];
}

const TROUBLE =
  /\b[1-9]\d*\s+(?:errors?|warnings?|failures?)\b|\b(?:warning|degraded|partial failure|issues detected|findings)\b/i;
const NO_TROUBLE = /\b(?:no|0|without)\s+(?:errors?|warnings?|issues|findings)\b/i;

/** How the schedules did in the last hours, and each run of one of them. Throws SCHEDULE_NOT_FOUND for an id unheard of. */
export function scheduleStatus(
  database: DatabaseSync,
  {
    hours,
    cronId,
    now,
  }: { readonly hours: number; readonly cronId?: string | undefined; readonly now: number },
): ScheduleStatus {
  const runs = runsSince(database, sqlTime(now - hours * 3_600_000), cronId);
  if (cronId !== undefined && runs.length === 0 && !hasHistory(database, cronId)) {
    throw new NexoError(
      'SCHEDULE_NOT_FOUND',
      `There is no schedule ${cronId}, and none of that id has ever run.`,
      {
        hint: 'nexo schedules list shows what there is.',
        data: { cron_id: cronId },
      },
    );
  }
  const byId = Map.groupBy(runs, (run) => run.cronId);
  const schedules = [...byId]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, ofOne]) => summarise(id, ofOne, readSchedule(database, id), now));
  return { hours, schedules, runs: cronId === undefined ? [] : runs.map(toDetail) };
}

function summarise(
  cronId: string,
  runs: readonly Run[],
  schedule: Schedule | undefined,
  now: number,
): RunSummary {
  const ended = runs.filter((run) => run.endedAt !== null);
  const last = runs.at(-1);
  const seconds = ended.reduce((sum, run) => sum + (run.durationSecs ?? 0), 0);
  return {
    cron_id: cronId,
    marker: last === undefined ? 'ok' : markerOf(last, schedule, now),
    total_runs: runs.length,
    completed_runs: ended.length,
    succeeded: ended.filter((run) => run.exitCode === 0).length,
    failed: ended.filter((run) => run.exitCode !== 0).length,
    open_runs: runs.length - ended.length,
    avg_duration: ended.length === 0 ? null : Math.round((10 * seconds) / ended.length) / 10,
    last_run: toIso(last?.startedAt ?? ''),
    last_exit_code: last?.exitCode ?? null,
    last_ended_at: last?.endedAt ? toIso(last.endedAt) : null,
    last_summary: runs.findLast((run) => run.summary !== '')?.summary ?? '',
  };
}

function markerOf(run: Run, schedule: Schedule | undefined, now: number): RunMarker {
  if (run.endedAt === null) {
    if (run.cause === 'keep_alive') return 'daemon active';
    return now - Date.parse(toIso(run.startedAt)) > openLimitMs(schedule) ? 'warning' : 'running';
  }
  if (run.exitCode !== 0) return 'failed';
  return TROUBLE.test(run.summary) && !NO_TROUBLE.test(run.summary) ? 'warning' : 'ok';
}

/** How long a run may be open before that is worth a look. */
function openLimitMs(schedule: Schedule | undefined): number {
  if (schedule?.timing.kind === 'interval') return Math.max(300, 2 * schedule.timing.seconds) * 1000;
  return schedule?.timing.kind === 'calendar' ? 3_600_000 : 1_800_000;
}

function toDetail(run: Run): RunDetail {
  return {
    due_at: new Date(run.dueAt).toISOString(),
    started_at: toIso(run.startedAt),
    ended_at: run.endedAt === null ? null : toIso(run.endedAt),
    cause: run.cause,
    attempt: run.attempt,
    exit_code: run.exitCode,
    signal: run.signal,
    duration_secs: run.durationSecs,
    summary: run.summary,
    error: run.error,
  };
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, as the database has it, in the form of all our answers. */
function toIso(text: string): string {
  return text === '' ? '' : `${text.replace(' ', 'T')}Z`;
}

/** Whether it is registered, or was when it last ran. */
function hasHistory(database: DatabaseSync, cronId: string): boolean {
  if (readSchedule(database, cronId) !== undefined) return true;
  return statement(database, 'SELECT 1 FROM cron_runs WHERE cron_id = ? LIMIT 1').get(cronId) !== undefined;
}
