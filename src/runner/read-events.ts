import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { type RunEvent, toEvent } from './backends/events.ts';
import { parseRecord } from './backends/read-json.ts';
import { LineSplitter } from './line-splitter.ts';

export interface TimedEvent {
  readonly at: string;
  readonly event: RunEvent;
}

/** What a run has done, from its file; nothing when the file is gone by now. */
export function readEvents(path: string): { readonly events: readonly TimedEvent[] } {
  return { events: new EventFollower(path).more() };
}

const CHUNK_BYTES = 1024 * 1024;

/** Reads a file of events on from where it stopped the last time. */
export class EventFollower {
  readonly #path: string;
  #position = 0;
  #found: TimedEvent[] = [];
  readonly #lines = new LineSplitter(
    (line) => this.#read(line),
    () => {},
  );

  constructor(path: string) {
    this.#path = path;
  }

  more(): readonly TimedEvent[] {
    this.#found = [];
    let fd: number;
    try {
      fd = openSync(this.#path, 'r');
    } catch {
      return []; // not begun, or removed with the oldest runs
    }
    try {
      const { size } = fstatSync(fd);
      const chunk = Buffer.alloc(CHUNK_BYTES);
      while (this.#position < size) {
        const bytes = readSync(fd, chunk, 0, Math.min(chunk.length, size - this.#position), this.#position);
        if (bytes === 0) break;
        this.#position += bytes;
        this.#lines.add(chunk.subarray(0, bytes));
      }
    } finally {
      closeSync(fd);
    }
    return this.#found;
  }

  #read(line: string): void {
    // A torn last line, left by a crash, is none.
    const record = parseRecord(line);
    const event = record === undefined ? undefined : toEvent(record);
    if (record !== undefined && event !== undefined)
      this.#found.push({ at: typeof record.at === 'string' ? record.at : '', event });
  }
}
