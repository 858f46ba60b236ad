/** A JSON-RPC request id. */
export type RequestId = string | number;

/** Longest piece of a member that is looked at, in bytes. */
const MAX_TOKEN = 256;

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Finds the `id` member of a JSON object that streams past, without keeping the object. Members of inner objects do
 * not count. Text that is no JSON gives some answer or none; it is never trusted for more than addressing an error.
 */
export class IdFinder {
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #key: unknown;
  #token: number[] = [];
  #id: RequestId | undefined;

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#inString) this.#insideString(byte);
      else this.#betweenStrings(byte);
    }
  }

  found(): RequestId | undefined {
    return this.#id;
  }

  #insideString(byte: number): void {
    this.#keep(byte);
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #betweenStrings(byte: number): void {
    if (byte === QUOTE) {
      this.#inString = true;
      this.#keep(byte);
    } else if (OPENING.has(byte)) {
      this.#depth += 1;
    } else if (CLOSING.has(byte)) {
      if (this.#depth === 1) this.#endMember();
      this.#depth -= 1;
    } else if (this.#depth === 1 && byte === COLON) {
      this.#key = this.#takeToken();
    } else if (this.#depth === 1 && byte === COMMA) {
      this.#endMember();
    } else {
      this.#keep(byte);
    }
  }

  #keep(byte: number): void {
    if (this.#depth === 1 && this.#token.length <= MAX_TOKEN) this.#token.push(byte);
  }

  #endMember(): void {
    const value = this.#takeToken();
    if (this.#key === 'id' && (typeof value === 'string' || typeof value === 'number')) this.#id ??= value;
    this.#key = undefined;
  }

  #takeToken(): unknown {
    const text = Buffer.from(this.#token).toString();
    this.#token = [];
    try {
      return JSON.parse(text);
    } catch {
      return undefined; // cut short, empty because the value was an object, or no JSON at all
    }
  }
}
