import type { EndReason } from './reasons.ts';

/** Ends a run, once, for one reason; the first one holds. */
export class Stop {
  readonly #controller = new AbortController();
  #reason: EndReason | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): EndReason | undefined {
    return this.#reason;
  }

  now(reason: EndReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller.abort(new Error(reason));
  }
}

/** Longest delay that a timer can hold, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back after `ms` without a `feed`. */
export class Watchdog {
  readonly #ms: number;
  readonly #bark: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, bark: () => void) {
    this.#ms = Math.min(ms, MAX_TIMER_MS);
    this.#bark = bark;
    this.feed();
  }

  feed(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(this.#bark, this.#ms);
    else this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
