import { type ClientRoots, foldersOfRoots } from '../project.ts';
import { isRecord } from '../protocol.ts';

/** How long a client may take to name its folders, in milliseconds. Calls wait meanwhile; a live client needs few. */
const ROOTS_TIMEOUT_MS = 3000;

const UNANSWERED: ClientRoots = { kind: 'unanswered' };

/** Our only requests to the client: which folders it has open. */
export class RootsQuestions {
  readonly #send: (json: string) => void;
  readonly #timeoutMs: number;
  readonly #open = new Map<number, (roots: ClientRoots) => void>();
  #lastId = 0;
  #isHopeless = false;

  constructor(send: (json: string) => void, timeoutMs = ROOTS_TIMEOUT_MS) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  get isAsking(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves with the answer, or with `unanswered` when the client refuses or is silent for too long. */
  ask(): Promise<ClientRoots> {
    if (this.#isHopeless) return Promise.resolve(UNANSWERED);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(id, UNANSWERED), this.#timeoutMs);
      this.#open.set(id, (roots) => {
        clearTimeout(timer);
        resolve(roots);
      });
      this.#send(JSON.stringify({ jsonrpc: '2.0', id, method: 'roots/list' }));
    });
  }

  /** Takes the client's answer; false when it came too late and the question should be put again. */
  answer(id: unknown, result: unknown): boolean {
    if (typeof id !== 'number' || id > this.#lastId) return true;
    if (!this.#open.has(id)) return false;
    const roots = isRecord(result) ? result.roots : undefined;
    this.#settle(
      id,
      Array.isArray(roots) ? { kind: 'declared', folders: foldersOfRoots(roots) } : UNANSWERED,
    );
    return true;
  }

  /** The client sends nothing any more: nobody waits for it. */
  giveUp(): void {
    this.#isHopeless = true;
    for (const id of [...this.#open.keys()]) this.#settle(id, UNANSWERED);
  }

  #settle(id: number, roots: ClientRoots): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(roots);
  }
}
