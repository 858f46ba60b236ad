import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Redactor } from '../base/redact.ts';
import type { RunEvent } from './backends/events.ts';

export const EVENTS_FILE = 'events.jsonl';
/** What is asked for, while it waits; for its owner alone, and gone once the run has ended. Never in the database. */
export const REQUEST_FILE = 'request.json';

/** Where runs keep what is theirs, below the operator's state folder. */
export function runsFolder(paths: { readonly state: string }): string {
  return join(paths.state, 'runs');
}

/** Begins with its time, so that names sort by age. */
const RUN_FOLDER = /^r\d{8}-\d{6}-[0-9a-f]{8}$/;

/**
 * What a run did, one event a line, for its owner alone: without secrets, without words of the prompt, and never longer
 * than its bound. A failing disk ends the file and not the run.
 */
export class EventFile {
  readonly path: string;
  readonly #redact: Redactor;
  readonly #maxBytes: number;
  #fd: number | undefined;
  #bytes = 0;

  constructor(folder: string, { redact, maxBytes }: { redact: Redactor; maxBytes: number }) {
    this.path = join(folder, EVENTS_FILE);
    this.#redact = redact;
    this.#maxBytes = maxBytes;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
      this.#fd = openSync(this.path, flags, 0o600);
    } catch {
      // Told about nowhere: the run is what matters, and its end is in the database.
    }
  }

  write(event: RunEvent, at: string): void {
    if (this.#fd === undefined) return;
    const line = Buffer.from(`${JSON.stringify({ at, ...this.#clean(event) })}\n`);
    try {
      if (this.#bytes + line.length > this.#maxBytes) {
        const end: RunEvent = {
          kind: 'warning',
          message: 'The rest is not kept: the file has reached its bound.',
        };
        writeSync(this.#fd, `${JSON.stringify({ at, ...end })}\n`);
        this.close();
        return;
      }
      writeSync(this.#fd, line);
      this.#bytes += line.length;
    } catch {
      this.close();
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      closeSync(fd);
    } catch {
      // Nothing is buffered here.
    }
  }

  #clean(event: RunEvent): object {
    return Object.fromEntries(
      Object.entries(event).map(([key, value]) => [
        key,
        typeof value === 'string' ? this.#redact(value) : value,
      ]),
    );
  }
}

/** Ids of the runs whose request is on the disk. */
export function runsWithRequest(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter(
    (name) => RUN_FOLDER.test(name) && existsSync(join(folder, name, REQUEST_FILE)),
  );
}

/** Removes the folders of the oldest runs but `keep`; of those that wait in the queue, none. Never throws: what stays is removed by a later run. */
export function pruneRunFolders(folder: string, keep: number, isOpen: (id: string) => boolean): void {
  try {
    const names = readdirSync(folder)
      .filter((name) => RUN_FOLDER.test(name))
      .sort();
    for (const name of names.slice(0, Math.max(0, names.length - keep)))
      if (!isOpen(name) && !existsSync(join(folder, name, REQUEST_FILE)))
        rmSync(join(folder, name), { recursive: true, force: true });
  } catch {
    // Tried again at the end of the next run.
  }
}
