/** Length of the head of a frame, in bytes: the length of its body, most significant byte first. */
const HEAD = 4;

/** One message as it goes over the descriptor between us and a plugin's process. */
export function toFrame(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(HEAD + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, HEAD);
  return frame;
}

export interface FrameListener {
  onMessage(message: unknown): void;
  /** What comes is no frame of ours: too long, or no JSON. Nothing more is read. `what` continues "it …". */
  onFault(what: string): void;
}

/** Cuts a stream of bytes into messages. A head that announces too much is refused before its body is read. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #listener: FrameListener;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #broken = false;

  constructor(maxBytes: number, listener: FrameListener) {
    this.#maxBytes = maxBytes;
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    if (this.#broken) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= HEAD) {
      const length = this.#head().readUInt32BE(0);
      if (length > this.#maxBytes) {
        this.#break(`sent ${length} bytes at once`);
        return;
      }
      if (this.#bytes < HEAD + length) return;
      const whole = Buffer.concat(this.#chunks);
      const rest = whole.subarray(HEAD + length);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      let message: unknown;
      try {
        message = JSON.parse(whole.toString('utf8', HEAD, HEAD + length));
      } catch {
        this.#break('sent something that is no JSON');
        return;
      }
      this.#listener.onMessage(message);
    }
  }

  /** The first chunk, made long enough to hold the head. */
  #head(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= HEAD) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #break(what: string): void {
    this.#broken = true;
    this.#chunks = [];
    this.#listener.onFault(what);
  }
}
