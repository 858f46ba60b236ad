import { Parser, type ReadEntry } from 'tar';

import { cleanEntryPath } from './entry-path.ts';
import type { PlannedEntry } from './entry-plan.ts';
import { corrupt } from './tar-header.ts';

export interface EntrySink {
  begin(entry: PlannedEntry): void;
  data(chunk: Buffer): void;
  end(): void;
}

/**
 * The entries of a tar stream as the library reads them, each held against the one that the framing has announced. Two
 * readers that took the same bytes for different files would be a way past every check, so that they have to agree on
 * name, kind and size. The library parses and nothing else: it writes no file and makes no link.
 */
export class AgreedEntries {
  readonly #parser: Parser;
  readonly #sink: EntrySink;
  #announced: PlannedEntry | undefined;
  #fault: unknown;

  constructor(sink: EntrySink) {
    this.#sink = sink;
    this.#parser = new Parser({ strict: false, maxMetaEntrySize: Number.POSITIVE_INFINITY });
    this.#parser.on('entry', (entry: ReadEntry) => this.#guard(() => this.#entry(entry)));
    this.#parser.on('ignoredEntry', () => this.#fail('an entry that the second reader skips'));
    this.#parser.on('warn', (_code: string, message: string | Error) => this.#fail(String(message)));
  }

  /** The framing is about to pass the header of this entry. */
  announce(entry: PlannedEntry): void {
    if (this.#announced !== undefined) this.#fail('an entry that the second reader does not see');
    this.#announced = entry;
    this.#rethrow();
  }

  /** Everything happens inside of this call; throws what the sink throws, or PACK_ARCHIVE_DAMAGED. */
  pass(bytes: Buffer): void {
    this.#parser.write(bytes);
    this.#rethrow();
  }

  /** Throws PACK_ARCHIVE_DAMAGED when an announced entry never came. */
  end(): void {
    this.#parser.end();
    if (this.#announced !== undefined) this.#fail('an entry that the second reader does not see');
    this.#rethrow();
  }

  #entry(entry: ReadEntry): void {
    const expected = this.#announced;
    this.#announced = undefined;
    const kind = entry.type === 'Directory' ? 'folder' : 'file';
    const isPlain = entry.type === 'Directory' || entry.type === 'File' || entry.type === 'OldFile';
    const agrees =
      expected !== undefined &&
      isPlain &&
      kind === expected.kind &&
      entry.size === expected.size &&
      cleanEntryPath(Buffer.from(entry.path), kind === 'folder') === expected.path;
    if (!agrees) {
      this.#fail('an entry that two readers take for different things');
      entry.resume();
      return;
    }
    this.#sink.begin(expected);
    entry.on('data', (chunk: Buffer) => this.#guard(() => this.#sink.data(chunk)));
    entry.on('end', () => this.#guard(() => this.#sink.end()));
    entry.on('error', () => this.#fail('an entry that ends early'));
    entry.resume();
  }

  /** Nothing may be thrown through the library: it is kept, and thrown where the bytes were handed over. */
  #guard(step: () => unknown): void {
    if (this.#fault !== undefined) return;
    try {
      step();
    } catch (error) {
      this.#fault = error;
    }
  }

  #fail(what: string): void {
    this.#fault ??= corrupt(`has ${what}`);
  }

  #rethrow(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}
