import type { ServerEvent, ServerEventBus } from '@modelcontextprotocol/server';

import { ResourceWatch } from '../watch.ts';

/** Tells the SDK's listening streams of changes of one project's resources; watches only while somebody listens. */
export class ChangeBus implements ServerEventBus {
  readonly #root: string;
  readonly #listeners = new Set<(event: ServerEvent) => void>();
  #watch: ResourceWatch | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  publish(event: ServerEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#watch ??= new ResourceWatch(this.#root, ({ updated, listChanged }) => {
      for (const uri of updated) this.publish({ kind: 'resource_updated', uri });
      if (listChanged) this.publish({ kind: 'resources_list_changed' });
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#watch?.close();
      this.#watch = undefined;
    };
  }
}
