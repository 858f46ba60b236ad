/** Keeps the last `maxBytes` of a stream, whatever its length, in at most twice that memory. */
export class OutputTail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #truncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Rarely, not on every chunk: joining is linear in what is kept.
    if (this.#bytes > 2 * this.#maxBytes) this.#trim();
  }

  /** What is kept, as UTF-8, from the first whole character on. */
  text(): string {
    this.#trim();
    const [bytes = Buffer.alloc(0)] = this.#chunks;
    let start = 0;
    if (this.#truncated) while (start < 4 && isContinuation(bytes[start])) start += 1;
    return bytes.toString('utf8', start);
  }

  #trim(): void {
    const whole = Buffer.concat(this.#chunks);
    const cut = Math.max(0, whole.length - this.#maxBytes);
    if (cut > 0) this.#truncated = true;
    // A copy, so that the part which was cut off can be freed.
    this.#chunks = [cut > 0 ? Buffer.from(whole.subarray(cut)) : whole];
    this.#bytes = whole.length - cut;
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
