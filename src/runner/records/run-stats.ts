import type { DatabaseSync } from 'node:sqlite';

export interface CallerStats {
  readonly caller: string;
  readonly runs: number;
  readonly ok: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  /** Runs of which nobody knows what they cost. */
  readonly withoutCost: number;
  readonly medianMs: number | null;
}

export interface RunStats {
  readonly since: string | null;
  readonly total: Omit<CallerStats, 'caller'>;
  readonly callers: readonly CallerStats[];
  /** How often each reason ended a run. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What runs came to, for each caller; those that cost most come first. `since` is a UTC time. */
export function runStats(database: DatabaseSync, since: string | null): RunStats {
  const rows = database
    .prepare(
      `SELECT caller, status, reason, input_tokens, output_tokens, total_cost_usd, cost_source, duration_ms
       FROM automation_runs WHERE status IN ('ok', 'failed') AND (?1 IS NULL OR started_at >= ?1)`,
    )
    .all(since);
  const groups = new Map<string, typeof rows>();
  const reasons: Record<string, number> = {};
  for (const row of rows) {
    const caller = String(row.caller);
    groups.set(caller, [...(groups.get(caller) ?? []), row]);
    const reason = String(row.reason);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  const callers = [...groups].map(([caller, own]) => ({ caller, ...summarise(own) }));
  callers.sort((a, b) => b.costUsd - a.costUsd || b.runs - a.runs || (a.caller < b.caller ? -1 : 1));
  return { since, total: summarise(rows), callers, reasons };
}

function summarise(rows: readonly Readonly<Record<string, unknown>>[]): Omit<CallerStats, 'caller'> {
  const sum = (name: string): number => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  const times = rows
    .filter((row) => row.duration_ms !== null)
    .map((row) => Number(row.duration_ms))
    .sort((a, b) => a - b);
  return {
    runs: rows.length,
    ok: rows.filter(({ status }) => status === 'ok').length,
    failed: rows.filter(({ status }) => status === 'failed').length,
    inputTokens: sum('input_tokens'),
    outputTokens: sum('output_tokens'),
    costUsd: sum('total_cost_usd'),
    // What never began has cost nothing.
    withoutCost: rows.filter(({ total_cost_usd: cost, reason }) => cost === null && reason !== 'unavailable')
      .length,
    medianMs: times[Math.floor(times.length / 2)] ?? null,
  };
}
