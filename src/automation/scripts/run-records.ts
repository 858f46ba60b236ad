import type { DatabaseSync } from 'node:sqlite';

import { type Clock, isoTime, systemClock } from '../../base/clock.ts';
import type { ScriptEntry } from './discover.ts';
import type { RunResult } from './run-script.ts';

/** Runs that are remembered of each script. */
const KEPT_RUNS = 1000;

/** What became of one run that a person started. */
export interface ScriptRun {
  readonly id: number;
  readonly started_at: string;
  /** Null while it runs. */
  readonly ended_at: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly timed_out: boolean;
  /** Whoever looked after it ended before it did. */
  readonly interrupted: boolean;
  readonly duration_ms: number | null;
  readonly summary: string;
  readonly error: string;
  readonly output: string;
  readonly output_truncated: boolean;
}

/** Writes down that a run begins, before it does, and answers with its number. */
export function beginRun(
  database: DatabaseSync,
  { name, path }: Pick<ScriptEntry, 'name' | 'path'>,
  { clock = systemClock, pid = process.pid }: { readonly clock?: Clock; readonly pid?: number } = {},
): number {
  closeAbandoned(database, path, clock);
  const { lastInsertRowid } = database
    .prepare('INSERT INTO script_runs (script_path, name, owner, started_at) VALUES (?, ?, ?, ?)')
    .run(path, name, String(pid), isoTime(clock));
  return Number(lastInsertRowid);
}

/** Writes down how a run ended. */
export function endRun(
  database: DatabaseSync,
  id: number,
  result: RunResult,
  clock: Clock = systemClock,
): void {
  database
    .prepare(
      `UPDATE script_runs SET ended_at = ?, exit_code = ?, signal = ?, timed_out = ?, interrupted = ?, duration_ms = ?,
         summary = ?, error = ?, output = ?, output_truncated = ? WHERE id = ?`,
    )
    .run(
      isoTime(clock),
      result.exitCode,
      result.signal,
      Number(result.timedOut),
      Number(result.aborted),
      result.durationMs,
      result.summary,
      result.error,
      result.outputTail,
      Number(result.outputTruncated),
      id,
    );
  database
    .prepare(
      `DELETE FROM script_runs WHERE script_path = (SELECT script_path FROM script_runs WHERE id = $id) AND id <= (
         SELECT id FROM script_runs WHERE script_path = (SELECT script_path FROM script_runs WHERE id = $id)
         ORDER BY id DESC LIMIT 1 OFFSET ${KEPT_RUNS})`,
    )
    .run({ $id: id });
}

/** The newest runs that people started of a script, newest first. */
export function recentRuns(database: DatabaseSync, path: string, limit: number): ScriptRun[] {
  return database
    .prepare('SELECT * FROM script_runs WHERE script_path = ? ORDER BY id DESC LIMIT ?')
    .all(path, limit)
    .map(toRun);
}

/** Runs whose process was killed never say how they ended. */
function closeAbandoned(database: DatabaseSync, path: string, clock: Clock): void {
  const open = database
    .prepare('SELECT id, owner FROM script_runs WHERE script_path = ? AND ended_at IS NULL')
    .all(path);
  for (const { id, owner } of open) {
    if (isAlive(Number(owner))) continue;
    database
      .prepare(
        `UPDATE script_runs SET ended_at = ?, interrupted = 1, error = 'Nexo ended before the script did.' WHERE id = ?`,
      )
      .run(isoTime(clock), id ?? null);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // gone, or somebody else's: then it was never ours
  }
}

function toRun(row: Record<string, unknown>): ScriptRun {
  const number = (key: string): number | null => (row[key] === null ? null : Number(row[key]));
  const text = (key: string): string | null => (row[key] === null ? null : String(row[key]));
  return {
    id: Number(row.id),
    started_at: String(row.started_at),
    ended_at: text('ended_at'),
    exit_code: number('exit_code'),
    signal: text('signal'),
    timed_out: row.timed_out === 1,
    interrupted: row.interrupted === 1,
    duration_ms: number('duration_ms'),
    summary: String(row.summary),
    error: String(row.error),
    output: String(row.output),
    output_truncated: row.output_truncated === 1,
  };
}
