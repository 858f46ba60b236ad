import { IdFinder, type RequestId } from './id-finder.ts';

/** One line of input: its bytes, or what is known of a line that was too long to keep. */
export type InputLine =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'too-long'; readonly id: RequestId | undefined };

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines. Only `\n` ends one: other line separators are legal inside JSON strings, and Node's
 * readline would cut there. Holds at most `maxBytes` of an unfinished line; of a longer one it keeps only the request
 * id, so that the client gets an answer instead of waiting for one.
 */
export class LineReader {
  readonly #maxBytes: number;
  readonly #onLine: (line: InputLine) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #skimmed: IdFinder | undefined;

  constructor(maxBytes: number, onLine: (line: InputLine) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#add(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    if (start < chunk.length) this.#add(chunk.subarray(start));
  }

  /** The input ended; what came after the last newline is a line too. */
  end(): void {
    if (this.#length > 0 || this.#skimmed !== undefined) this.#finish();
  }

  #add(part: Buffer): void {
    if (this.#skimmed !== undefined) {
      this.#skimmed.push(part);
      return;
    }
    this.#parts.push(part);
    this.#length += part.length;
    if (this.#length > this.#maxBytes) {
      this.#skimmed = new IdFinder();
      for (const kept of this.#parts) this.#skimmed.push(kept);
      this.#parts = [];
    }
  }

  #finish(): void {
    const [first, ...rest] = this.#parts;
    const skimmed = this.#skimmed;
    const bytes = first === undefined || rest.length > 0 ? Buffer.concat(this.#parts) : first;
    this.#parts = [];
    this.#length = 0;
    this.#skimmed = undefined;
    this.#onLine(skimmed === undefined ? { kind: 'line', bytes } : { kind: 'too-long', id: skimmed.found() });
  }
}
