import { StringDecoder } from 'node:string_decoder';

/** Longest line that is read, in characters; of a longer one nothing is kept, because half a line means nothing. */
const MAX_LINE = 16 * 1024 * 1024;

/** Cuts a stream of bytes into lines of text. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  #rest = '';
  #skips = false;

  constructor(onLine: (line: string) => void, onTooLong: () => void) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  add(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** What stands behind the last line break is a line too. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== '' && !this.#skips) this.#onLine(this.#rest);
    this.#rest = '';
  }

  #take(text: string): void {
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      if (end === -1) break;
      const line = this.#rest + text.slice(from, end);
      this.#rest = '';
      from = end + 1;
      if (this.#skips) this.#skips = false;
      else this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    if (this.#skips) return;
    this.#rest += text.slice(from);
    if (this.#rest.length <= MAX_LINE) return;
    this.#rest = '';
    this.#skips = true;
    this.#onTooLong();
  }
}
