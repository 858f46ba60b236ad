import type { Writable } from 'node:stream';

/** What a client may leave unread before we stop taking more from it, in bytes. */
const MAX_UNREAD = 8 * 1024 * 1024;

/** How long a client may read nothing at all while the last answers wait, in milliseconds. */
const STALLED_MS = 5000;

/** Lines to the client. Never blocks: what the client has not read waits here, and the owner asks how much that is. */
export class Output {
  readonly #stream: Writable;
  readonly #write: Writable['write'];
  readonly #onProgress: () => void;
  #unread = 0;
  #isBroken = false;
  #flushing: (() => void) | undefined;

  /**
   * `write` is given apart because the stream's own may belong to the guard of standard output by now.
   * `onProgress` hears when the client has read something, `onBroken` when it never will again.
   */
  constructor(stream: Writable, write: Writable['write'], on: { progress: () => void; broken: () => void }) {
    this.#stream = stream;
    this.#write = write;
    this.#onProgress = on.progress;
    stream.on('error', () => {
      this.#isBroken = true; // the client is gone (EPIPE), so there is nobody left to tell
      this.#flushing?.();
      on.broken();
    });
  }

  /** Sends one message, which has no line break in it. */
  send(json: string | Buffer): void {
    if (this.#isBroken) return;
    const bytes = typeof json === 'string' ? Buffer.from(json) : json;
    this.#unread += bytes.length;
    this.#stream.cork();
    this.#write.call(this.#stream, bytes, 'utf8', () => undefined);
    this.#write.call(this.#stream, '\n', 'utf8', () => {
      this.#unread -= bytes.length;
      this.#flushing?.();
      this.#onProgress();
    });
    this.#stream.uncork();
  }

  get isFull(): boolean {
    return this.#unread > MAX_UNREAD;
  }

  /**
   * Resolves when the client has taken everything, is gone, or has taken nothing for `stalledMs`: one that holds its
   * end open and does not read is not waited for. To false when something is left unread.
   */
  async flush(stalledMs = STALLED_MS): Promise<boolean> {
    let isMoving = true;
    while (isMoving && this.#unread > 0 && !this.#isBroken) {
      const before = this.#unread;
      await this.#progressWithin(stalledMs);
      isMoving = this.#unread < before;
    }
    return this.#unread === 0;
  }

  #progressWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#flushing = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
