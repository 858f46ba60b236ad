import type { DatabaseSync } from 'node:sqlite';

import { isRunning, type ProcessIdentity } from '../../base/process-identity.ts';
import { inTransaction, numberOrNull, statement, text } from '../../home/sql.ts';
import { firstDue, type Moment, settleWithin } from './ledger.ts';
import { type Run, readOpenRun, schedulesWithOpenRuns } from './runs.ts';
import { type BackendName, listSchedules, readSchedule, readSetting, writeSetting } from './store.ts';

export interface PassResult {
  /** Claimed for us, oldest due time first: each has to be started or given back. */
  readonly runs: readonly Run[];
  /** Processes whose owner has died. */
  readonly orphans: readonly ProcessIdentity[];
  /** Schedules that were looked at, which is what a pass costs. */
  readonly settled: number;
}

/** Schedules that are settled in one transaction, so that a full disk flush is shared. */
const BATCH = 64;

/**
 * One look at the schedules of a back end: gives an outcome to whatever fell due, and claims what is to run. Costs as
 * much as there is due; only a pass that starts, or follows a change of the clock or the zone, looks further.
 *
 * `sweep` looks after runs whose owner may have died.
 */
export function runPass(
  database: DatabaseSync,
  moment: Moment,
  { backend = 'builtin', sweep = moment.cause !== 'tick' }: { backend?: BackendName; sweep?: boolean } = {},
): PassResult {
  const { now, cause } = moment;
  if (readSetting(database, zoneKey(backend)) !== moment.zone.id) planAnew(database, moment, backend);
  const ids = new Set<string>();
  const add = (sql: string, ...values: (string | number)[]): void => {
    for (const row of statement(database, sql).all(backend, ...values)) ids.add(text(row, 'cron_id'));
  };
  add('SELECT cron_id FROM schedules WHERE backend = ? AND cursor_at > ?', now);
  if (sweep) for (const id of abandoned(database, moment, backend)) ids.add(id);
  if (cause !== 'tick')
    add('SELECT cron_id FROM schedules WHERE backend = ? AND booted <> ? AND run_on_boot = 1', moment.boot);
  add('SELECT cron_id FROM schedules WHERE backend = ? AND next_due_at <= ? ORDER BY next_due_at', now);

  const runs: Run[] = [];
  const orphans: ProcessIdentity[] = [];
  const queue = [...ids];
  for (let at = 0; at < queue.length; at += BATCH) {
    inTransaction(database, () => {
      for (const id of queue.slice(at, at + BATCH)) {
        const { run, orphan } = settleWithin(database, id, moment);
        if (run !== undefined) runs.push(run);
        if (orphan !== undefined) orphans.push(orphan);
      }
    });
  }
  return { runs, orphans, settled: queue.length };
}

/** When the next schedule of a back end is due; undefined when none ever is. */
export function nextDueOf(database: DatabaseSync, backend: BackendName = 'builtin'): number | undefined {
  const row = statement(database, 'SELECT min(next_due_at) AS due FROM schedules WHERE backend = ?').get(
    backend,
  );
  return (row && numberOrNull(row, 'due')) ?? undefined;
}

/** Whether a run of this back end belongs to a process that is not ours, which will not tell us when it ends. */
export function hasForeignRuns(
  database: DatabaseSync,
  ours: ReadonlySet<number>,
  backend: BackendName,
): boolean {
  return schedulesWithOpenRuns(database).some((id) => {
    const run = readOpenRun(database, id);
    return run !== undefined && !ours.has(run.id) && readSchedule(database, id)?.backend === backend;
  });
}

function abandoned(database: DatabaseSync, { isAlive = isRunning }: Moment, backend: BackendName): string[] {
  return schedulesWithOpenRuns(database).filter((id) => {
    const run = readOpenRun(database, id);
    return run !== undefined && !isAlive(run.owner) && readSchedule(database, id)?.backend === backend;
  });
}

/** The machine has moved to another zone: calendar times mean other moments from now on. */
function planAnew(database: DatabaseSync, { now, zone }: Moment, backend: BackendName): void {
  inTransaction(database, () => {
    for (const schedule of listSchedules(database)) {
      if (schedule.backend !== backend || schedule.timing.kind !== 'calendar') continue;
      if (schedule.nextDueAt !== null && schedule.nextDueAt <= now) continue; // due in the old zone, and is seen to
      statement(database, 'UPDATE schedules SET next_due_at = ? WHERE cron_id = ?').run(
        firstDue(schedule, now, zone),
        schedule.cronId,
      );
    }
    writeSetting(database, zoneKey(backend), zone.id);
  });
}

function zoneKey(backend: BackendName): string {
  return `zone.${backend}`;
}
