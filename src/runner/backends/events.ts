import { asCount, asText, type JsonRecord, parseRecord } from './read-json.ts';

/**
 * What every backend's stream is turned into. `tool` events with `started` come where the backend tells; `usage` adds
 * up, `total` replaces the sum so far.
 */
export type RunEvent =
  /** The id by which the backend can go on with this conversation. */
  | { readonly kind: 'session'; readonly sessionId: string }
  /** What really runs, where the backend says so. */
  | { readonly kind: 'used'; readonly model?: string; readonly effort?: string }
  /** The model has answered once. */
  | { readonly kind: 'turn' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool'; readonly name: string; readonly status: ToolStatus }
  | UsageEvent
  /** The backend itself tries again. */
  | { readonly kind: 'retry'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string }
  | FailureEvent
  /** The final answer, whole; without one, the texts since the last tool call are it. */
  | { readonly kind: 'answer'; readonly text: string };

export type ToolStatus = 'started' | 'done' | 'failed';

export interface UsageEvent {
  readonly kind: 'usage' | 'total';
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly costUsd?: number;
}

/** It cannot go on. */
export interface FailureEvent {
  readonly kind: 'failure';
  readonly message: string;
  /** It may pass by itself. */
  readonly transient: boolean;
  readonly afterMs?: number;
  /** The backend kept a limit that it was given. */
  readonly limit?: 'turns' | 'cost_run';
}

/** An event in our own form on a line; undefined when it is something else. By hand: this is read at every start. */
export function parseEventLine(line: string): RunEvent | undefined {
  const record = parseRecord(line);
  return record === undefined ? undefined : toEvent(record);
}

/** A record that is an event, without what does not belong to one. */
export function toEvent(record: JsonRecord): RunEvent | undefined {
  const { kind, text, message } = record;
  switch (kind) {
    case 'session': {
      const sessionId = asText(record.sessionId);
      return sessionId === undefined ? undefined : { kind, sessionId };
    }
    case 'used':
      return { kind, ...maybeText('model', record.model), ...maybeText('effort', record.effort) };
    case 'turn':
      return { kind };
    case 'text':
    case 'answer':
      return typeof text === 'string' ? { kind, text } : undefined;
    case 'tool': {
      const status = TOOL_STATES.find((each) => each === record.status);
      return status === undefined ? undefined : { kind, name: asText(record.name) ?? 'tool', status };
    }
    case 'usage':
    case 'total':
      return {
        kind,
        inputTokens: asCount(record.inputTokens),
        cachedInputTokens: asCount(record.cachedInputTokens),
        outputTokens: asCount(record.outputTokens),
        ...maybeNumber('costUsd', record.costUsd),
      };
    case 'retry':
    case 'warning':
      return typeof message === 'string' ? { kind, message } : undefined;
    case 'failure': {
      const limit = LIMITS.find((each) => each === record.limit);
      const common = {
        kind,
        message: asText(message) ?? 'it failed',
        transient: record.transient === true,
      } as const;
      return { ...common, ...maybeNumber('afterMs', record.afterMs), ...(limit && { limit }) };
    }
    default:
      return undefined;
  }
}

const TOOL_STATES: readonly ToolStatus[] = ['started', 'done', 'failed'];
const LIMITS = ['turns', 'cost_run'] as const;

function maybeText<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return (typeof value === 'string' ? { [key]: value } : {}) as { [P in K]?: string };
}

function maybeNumber<K extends string>(key: K, value: unknown): { [P in K]?: number } {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && value >= 0;
  return (isNumber ? { [key]: value } : {}) as { [P in K]?: number };
}
