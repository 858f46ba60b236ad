/**
 * Runs one client's calls so that the answers are as if made in the order in which they were sent: a change waits for
 * everything before it, a read waits for the changes before it. Reads run side by side. Other clients are not held up.
 */
export class CallOrder {
  #lastChange: Promise<unknown> = Promise.resolve();
  #readsSince = new Set<Promise<void>>();

  run<T>(kind: 'read' | 'change', call: () => Promise<T>): Promise<T> {
    const before =
      kind === 'read' ? this.#lastChange : Promise.allSettled([this.#lastChange, ...this.#readsSince]);
    const running = before.then(call);
    // The caller has the failure; here only the end matters.
    const end = () => {
      this.#readsSince.delete(settled);
    };
    const settled: Promise<void> = running.then(end, end);
    if (kind === 'change') {
      this.#lastChange = settled;
      this.#readsSince = new Set();
    } else {
      this.#readsSince.add(settled);
    }
    return running;
  }
}
