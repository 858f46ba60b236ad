import type { DatabaseSync } from 'node:sqlite';

import { type Clock, isoTime } from '../../base/clock.ts';
import { isRunning } from '../../base/process-identity.ts';
import { NexoError } from '../../errors.ts';
import { inTransaction } from '../../home/sql.ts';
import type { SpentToday } from '../limits.ts';
import { type EndReason, reasonInWords, returnCodeFor } from '../reasons.ts';
import type { Spent } from '../tally.ts';
import { type RunRow, toRunRow } from './run-row.ts';

export interface NewRun {
  readonly id: string;
  readonly caller: string;
  readonly backend: string;
  readonly sessionType: 'headless' | 'interactive_chat';
  readonly tier: string;
  readonly askedModel: string;
  readonly askedEffort: string;
  readonly model: string;
  readonly effort: string;
  readonly cwd: string;
  readonly outputFormat: string;
  readonly promptChars: number;
  readonly parentId: string | undefined;
  readonly pid: number;
  readonly pidIdentity: string;
}

export interface Progress extends Spent {
  readonly turns: number;
  readonly toolCalls: number;
  readonly attempts: number;
  readonly sessionId: string;
  readonly model: string;
  readonly effort: string;
}

export interface RunEnd extends Progress {
  readonly status: 'ok' | 'failed';
  readonly reason: EndReason;
  readonly returncode: number;
  readonly durationMs: number;
  readonly telemetrySource: string;
  readonly warnings: readonly string[];
  readonly message: string;
}

/** How many runs there may be at once. */
export interface Places {
  readonly all: number;
  readonly perCaller: number | undefined;
}

/** The table of runs in the operator's database. Every method is one short transaction. */
export class RunRecords {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;

  constructor(database: DatabaseSync, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Records the beginning of a run if there is a place for it. A run inside a run competes with its siblings alone: its
   * parent holds a place and waits for it. One that waited in the queue and was ended there is over, and must not begin.
   */
  begin(run: NewRun, places: Places): 'begun' | 'full' | 'over' {
    return inTransaction(this.#database, () => {
      this.#markLost();
      const own = run.parentId;
      const count = (where: string, ...values: string[]): number =>
        Number(
          this.#database
            .prepare(
              `SELECT count(*) AS n FROM automation_runs WHERE status = 'running' AND id <> ? AND ${where}`,
            )
            .get(run.id, ...values)?.n ?? 0,
        );
      const taken = own === undefined ? count('parent_id IS NULL') : count('parent_id = ?', own);
      if (taken >= places.all) return 'full';
      if (
        own === undefined &&
        places.perCaller !== undefined &&
        count('parent_id IS NULL AND caller = ?', run.caller) >= places.perCaller
      )
        return 'full';
      const now = isoTime(this.#clock);
      const { changes } = this.#database
        .prepare(
          `INSERT INTO automation_runs (id, caller, backend, session_type, resonance_tier, asked_model, asked_effort,
             model, reasoning_effort, cwd, output_format, prompt_chars, parent_id, pid, pid_identity, status,
             created_at, started_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)
           ON CONFLICT (id) DO UPDATE SET backend = excluded.backend, resonance_tier = excluded.resonance_tier,
             asked_model = excluded.asked_model, asked_effort = excluded.asked_effort, model = excluded.model,
             reasoning_effort = excluded.reasoning_effort, pid = excluded.pid, pid_identity = excluded.pid_identity,
             status = 'running', started_at = excluded.started_at WHERE automation_runs.status = 'queued'`,
        )
        .run(
          ...[run.id, run.caller, run.backend, run.sessionType, run.tier, run.askedModel, run.askedEffort],
          ...[run.model, run.effort, run.cwd, run.outputFormat, run.promptChars, own ?? null],
          ...[run.pid, run.pidIdentity, now, now],
        );
      return changes > 0 ? 'begun' : 'over';
    });
  }

  /** Records a run that could not even begin, so that it is counted. */
  refuse(run: NewRun, reason: EndReason, message: string): void {
    this.begin(run, { all: Number.POSITIVE_INFINITY, perCaller: undefined });
    this.#database
      .prepare(
        `UPDATE automation_runs SET status = 'failed', reason = ?, returncode = ?, duration_ms = 0, ended_at = ?,
           telemetry_source = 'backend_unavailable', metadata = ? WHERE id = ?`,
      )
      .run(
        reason,
        returnCodeFor(reason),
        isoTime(this.#clock),
        JSON.stringify({ warnings: [], message }),
        run.id,
      );
  }

  progress(id: string, progress: Progress, childPid: number | undefined): void {
    this.#database
      .prepare(
        `UPDATE automation_runs SET turns = ?, tool_calls = ?, attempts = ?, session_id = ?, model = ?,
           reasoning_effort = ?, input_tokens = ?, cached_input_tokens = ?, output_tokens = ?, total_cost_usd = ?,
           cost_source = ?, child_pid = ? WHERE id = ?`,
      )
      .run(...progressValues(progress), childPid ?? null, id);
  }

  end(id: string, end: RunEnd): void {
    this.#database
      .prepare(
        `UPDATE automation_runs SET turns = ?, tool_calls = ?, attempts = ?, session_id = ?, model = ?,
           reasoning_effort = ?, input_tokens = ?, cached_input_tokens = ?, output_tokens = ?, total_cost_usd = ?,
           cost_source = ?, status = ?, reason = ?, returncode = ?, duration_ms = ?, telemetry_source = ?,
           metadata = ?, ended_at = ?, child_pid = NULL, lease_until = NULL WHERE id = ?`,
      )
      .run(
        ...progressValues(end),
        ...[end.status, end.reason, end.returncode, end.durationMs, end.telemetrySource],
        JSON.stringify({ warnings: end.warnings, message: end.message }),
        isoTime(this.#clock),
        id,
      );
  }

  /** What all other runs of this UTC day have cost so far, and those of the caller. */
  spentToday(caller: string, exceptId: string): SpentToday {
    const day = isoTime(this.#clock).slice(0, 10);
    const row = this.#database
      .prepare(
        `SELECT total(total_cost_usd) AS everybody, total(CASE WHEN caller = ? THEN total_cost_usd END) AS own
         FROM automation_runs WHERE started_at >= ? AND id <> ?`,
      )
      .get(caller, day, exceptId);
    return { all: Number(row?.everybody ?? 0), caller: Number(row?.own ?? 0) };
  }

  /** Runs that wait or go on. */
  openIds(): ReadonlySet<string> {
    const rows = this.#database
      .prepare("SELECT id FROM automation_runs WHERE status IN ('queued', 'running')")
      .all();
    return new Set(rows.map(({ id }) => String(id)));
  }

  isCancelRequested(id: string): boolean {
    const row = this.#database
      .prepare('SELECT cancel_requested AS asked FROM automation_runs WHERE id = ?')
      .get(id);
    return row?.asked === 1;
  }

  /** Asks whoever runs it to end it; a run that waits in the queue is ended here. Returns it as it stands then. */
  requestCancel(id: string): RunRow {
    return inTransaction(this.#database, () => {
      this.#markLost();
      const run = this.find(id);
      if (run.status === 'queued') this.#close(run.id, 'cancelled');
      else if (run.status === 'running')
        this.#database.prepare('UPDATE automation_runs SET cancel_requested = 1 WHERE id = ?').run(run.id);
      return this.find(run.id);
    });
  }

  /** The run of this id, of the only id that begins so, or the latest for `last`. Throws RUN_NOT_FOUND. */
  find(id: string): RunRow {
    const rows =
      id === 'last'
        ? this.#database
            .prepare('SELECT * FROM automation_runs ORDER BY created_at DESC, id DESC LIMIT 1')
            .all()
        : this.#database
            .prepare(
              'SELECT * FROM automation_runs WHERE id = ? OR substr(id, 1, ?) = ? ORDER BY id = ? DESC LIMIT 2',
            )
            .all(id, id.length, id, id);
    const [first, second] = rows;
    if (first !== undefined && (second === undefined || first.id === id)) return toRunRow(first);
    throw new NexoError(
      'RUN_NOT_FOUND',
      second === undefined ? `There is no run "${id}".` : `Several runs begin with "${id}".`,
      { hint: 'nexo runs list shows the ids.', data: { id } },
    );
  }

  list({
    limit,
    caller,
    status,
  }: {
    limit: number;
    caller?: string | undefined;
    status?: string | undefined;
  }): RunRow[] {
    return this.#database
      .prepare(
        `SELECT * FROM automation_runs WHERE (?1 IS NULL OR caller = ?1) AND (?2 IS NULL OR status = ?2)
         ORDER BY created_at DESC, id DESC LIMIT ?3`,
      )
      .all(caller ?? null, status ?? null, limit)
      .map(toRunRow);
  }

  /** Runs whose program is gone without recording an end, which are marked so now. */
  reconcile(): string[] {
    return inTransaction(this.#database, () => this.#markLost());
  }

  #markLost(): string[] {
    const open = this.#database
      .prepare("SELECT id, pid_identity AS identity FROM automation_runs WHERE status = 'running'")
      .all();
    const lost = open.filter(({ identity }) => !isRunning(String(identity))).map(({ id }) => String(id));
    for (const id of lost) this.#close(id, 'lost');
    return lost;
  }

  #close(id: string, reason: EndReason): void {
    this.#database
      .prepare(
        `UPDATE automation_runs SET status = 'failed', reason = ?, returncode = ?, ended_at = ?, child_pid = NULL,
           lease_until = NULL, metadata = json_set(metadata, '$.message', ?) WHERE id = ?`,
      )
      .run(reason, returnCodeFor(reason), isoTime(this.#clock), reasonInWords(reason), id);
  }
}

function progressValues(progress: Progress): (string | number | null)[] {
  return [
    ...[
      progress.turns,
      progress.toolCalls,
      progress.attempts,
      progress.sessionId,
      progress.model,
      progress.effort,
    ],
    ...[
      Math.round(progress.inputTokens),
      Math.round(progress.cachedInputTokens),
      Math.round(progress.outputTokens),
    ],
    ...[progress.costUsd ?? null, progress.costSource],
  ];
}
