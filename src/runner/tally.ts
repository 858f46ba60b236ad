import type { Prices } from '../home/run-settings.ts';
import type { RunEvent } from './backends/events.ts';
import { estimateCost, type TokenCount } from './prices.ts';

export type CostSource = 'backend' | 'pricing_snapshot' | 'pricing_unavailable' | 'missing';

export interface Spent extends TokenCount {
  /** Undefined when nobody can tell. */
  readonly costUsd: number | undefined;
  readonly costSource: CostSource;
}

/** Longest answer that is kept in memory, in characters. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** What the events of a run come to, over all its attempts. */
export class Tally {
  readonly warnings: string[] = [];
  sessionId: string | undefined;
  usedModel: string | undefined;
  usedEffort: string | undefined;
  turns = 0;
  toolCalls = 0;
  failure: Extract<RunEvent, { kind: 'failure' }> | undefined;
  readonly #prices: Prices;
  readonly #askedModel: string;
  #texts = '';
  #answer: string | undefined;
  #before: TokenCount & { costUsd: number } = { ...NOTHING, costUsd: 0 };
  #now: TokenCount & { costUsd: number } = { ...NOTHING, costUsd: 0 };
  #hasUsage = false;
  #hasCost = false;

  constructor(askedModel: string, prices: Prices) {
    this.#askedModel = askedModel;
    this.#prices = prices;
  }

  add(event: RunEvent): void {
    switch (event.kind) {
      case 'session':
        this.sessionId = event.sessionId;
        break;
      case 'used':
        this.usedModel = event.model || this.usedModel;
        this.usedEffort = event.effort || this.usedEffort;
        break;
      case 'turn':
        this.turns += 1;
        break;
      case 'text':
        // The beginning gives way: the answer is at the end.
        this.#texts = `${this.#texts}${event.text}`.slice(-MAX_ANSWER);
        break;
      case 'tool':
        if (event.status === 'started') this.toolCalls += 1;
        // Told only when done, by some backends.
        else if (this.#openTools > 0) this.#openTools -= 1;
        else this.toolCalls += 1;
        if (event.status === 'started') this.#openTools += 1;
        // What was said before a tool was used is no answer.
        this.#texts = '';
        break;
      case 'usage':
        this.#hasUsage = true;
        this.#hasCost ||= event.costUsd !== undefined;
        this.#now = plus(this.#now, { ...event, costUsd: event.costUsd ?? 0 });
        break;
      case 'total':
        this.#hasUsage = true;
        this.#hasCost ||= event.costUsd !== undefined;
        this.#now = { ...event, costUsd: event.costUsd ?? this.#now.costUsd };
        break;
      case 'retry':
      case 'warning':
        if (this.warnings.length < MAX_WARNINGS) this.warnings.push(event.message);
        break;
      case 'failure':
        this.failure = event;
        break;
      case 'answer':
        this.#answer = event.text.slice(-MAX_ANSWER);
        break;
    }
  }

  /** Begins another attempt: what was spent stays spent, what was said does not count. */
  beginAttempt(): void {
    this.#before = plus(this.#before, this.#now);
    this.#now = { ...NOTHING, costUsd: 0 };
    this.#texts = '';
    this.#answer = undefined;
    this.#openTools = 0;
    this.failure = undefined;
  }

  get answer(): string {
    return this.#answer ?? this.#texts.replace(/\n$/, '');
  }

  /** Whether anything can have been changed in the world. */
  get hasActed(): boolean {
    return this.toolCalls > 0;
  }

  get model(): string {
    return this.usedModel ?? this.#askedModel;
  }

  get spent(): Spent {
    const { costUsd, ...tokens } = plus(this.#before, this.#now);
    if (!this.#hasUsage) return { ...tokens, costUsd: undefined, costSource: 'missing' };
    if (this.#hasCost) return { ...tokens, costUsd, costSource: 'backend' };
    const estimated = estimateCost(this.model, tokens, this.#prices);
    return estimated === undefined
      ? { ...tokens, costUsd: undefined, costSource: 'pricing_unavailable' }
      : { ...tokens, costUsd: estimated, costSource: 'pricing_snapshot' };
  }

  #openTools = 0;
}

const NOTHING: TokenCount = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
/** A backend that goes on failing would fill any list. */
const MAX_WARNINGS = 50;

function plus<T extends TokenCount & { readonly costUsd: number }>(
  a: T,
  b: T,
): TokenCount & { costUsd: number } {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costUsd: a.costUsd + b.costUsd,
  };
}
