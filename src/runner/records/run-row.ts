import type { SQLOutputValue } from 'node:sqlite';

import type { EndReason } from '../reasons.ts';
import type { CostSource } from '../tally.ts';

export const RUN_STATES = ['queued', 'running', 'ok', 'failed'] as const;
export type RunStatus = (typeof RUN_STATES)[number];

/** A run as it is recorded. Names are the library's; the table has its own. */
export interface RunRow {
  readonly id: string;
  readonly caller: string;
  readonly backend: string;
  readonly sessionType: string;
  readonly status: RunStatus;
  readonly reason: EndReason | '';
  readonly tier: string;
  readonly asked: { readonly model: string; readonly effort: string };
  readonly used: { readonly model: string; readonly effort: string };
  readonly cwd: string;
  readonly outputFormat: string;
  readonly promptChars: number;
  readonly returncode: number | null;
  readonly durationMs: number | null;
  readonly attempts: number;
  readonly turns: number;
  readonly toolCalls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | null;
  readonly costSource: CostSource;
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly warnings: readonly string[];
  readonly message: string;
  readonly pid: number | null;
  readonly cancelRequested: boolean;
  readonly claimedBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

type Row = Record<string, SQLOutputValue>;

/** Our own rows: the table's constraints hold what the casts below say. */
export function toRunRow(row: Row): RunRow {
  const text = (name: string): string => String(row[name] ?? '');
  const count = (name: string): number => Number(row[name] ?? 0);
  const maybe = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  const when = (name: string): string | null => (row[name] === null ? null : String(row[name]));
  const { warnings, message } = readMetadata(text('metadata'));
  return {
    id: text('id'),
    caller: text('caller'),
    backend: text('backend'),
    sessionType: text('session_type'),
    status: text('status') as RunStatus,
    reason: text('reason') as EndReason | '',
    tier: text('resonance_tier'),
    asked: { model: text('asked_model'), effort: text('asked_effort') },
    used: { model: text('model'), effort: text('reasoning_effort') },
    cwd: text('cwd'),
    outputFormat: text('output_format'),
    promptChars: count('prompt_chars'),
    returncode: maybe('returncode'),
    durationMs: maybe('duration_ms'),
    attempts: count('attempts'),
    turns: count('turns'),
    toolCalls: count('tool_calls'),
    inputTokens: count('input_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    outputTokens: count('output_tokens'),
    costUsd: maybe('total_cost_usd'),
    costSource: text('cost_source') as CostSource,
    sessionId: text('session_id'),
    parentId: when('parent_id'),
    warnings,
    message,
    pid: maybe('pid'),
    cancelRequested: row.cancel_requested === 1,
    claimedBy: text('claimed_by'),
    createdAt: text('created_at'),
    startedAt: when('started_at'),
    endedAt: when('ended_at'),
  };
}

function readMetadata(json: string): { warnings: readonly string[]; message: string } {
  try {
    const { warnings, message } = JSON.parse(json) as { warnings?: unknown; message?: unknown };
    return {
      warnings: Array.isArray(warnings) ? warnings.map(String) : [],
      message: typeof message === 'string' ? message : '',
    };
  } catch {
    return { warnings: [], message: '' };
  }
}
