import type { StepKind, StepResult } from './plan-task.ts';

/** What an execution tells while it goes on; with `--json` each is a line. */
export type ExecutionEvent =
  | {
      readonly event: 'begin';
      readonly root: string;
      readonly backend: string;
      readonly parallel: number;
      readonly continues: boolean;
      readonly tasks: readonly TaskNews[];
    }
  | ({ readonly event: 'task' } & TaskNews)
  | ({ readonly event: 'step'; readonly state: 'started' | 'ended' } & StepNews)
  | { readonly event: 'note'; readonly task: number | null; readonly text: string }
  | ({ readonly event: 'end' } & ExecutionResult);

export type TaskState = 'waiting' | 'running' | 'completed' | 'blocked' | 'skipped' | 'elsewhere';

export interface TaskNews {
  readonly id: number;
  readonly title: string;
  readonly owner: string;
  readonly deps: readonly number[];
  readonly state: TaskState;
  /** Why it is blocked, skipped or left alone; empty otherwise. */
  readonly why: string;
}

export interface StepNews {
  readonly task: number;
  readonly kind: StepKind;
  readonly role: string;
  readonly run: string;
  readonly resumed: boolean;
  readonly result?: StepResult | 'stopped';
  /** Why its run ended, from the closed list of reasons. */
  readonly reason?: string;
  readonly durationMs?: number;
  readonly files?: readonly string[];
}

export interface ExecutionResult {
  /** `done`: all are completed. `open`: something is blocked or skipped. `stopped`: it can be gone on with. */
  readonly outcome: 'done' | 'open' | 'stopped';
  readonly completed: number;
  readonly blocked: number;
  readonly skipped: number;
  /** Not ended, or left alone. */
  readonly left: number;
  readonly runs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null when a run's cost is not known. */
  readonly costUsd: number | null;
  readonly tasks: readonly TaskNews[];
}
