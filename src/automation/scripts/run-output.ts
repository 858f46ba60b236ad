import { StringDecoder } from 'node:string_decoder';

import { OutputTail } from '../../base/output-tail.ts';
import { REDACTED, type Redactor } from '../../base/redact.ts';
import type { RotatingFile } from '../../base/rotating-file.ts';

export type OutputStream = 'stdout' | 'stderr';

/** Longest line that is kept, in characters; the rest of a longer one is left out. */
const MAX_LINE = 64 * 1024;
/** Read beyond it, so that a secret across the cut is seen whole. */
const CUT_MARGIN = 4 * 1024;
/** A key that never ends must not swallow what comes after it. */
const MAX_KEY_LINES = 200;

/**
 * What a running script writes, line by line without secrets: into its logs, and the end of it into the run's record.
 */
export class RunOutput {
  readonly #lines: Readonly<Record<OutputStream, LineReader>>;
  readonly #tail: OutputTail;
  readonly #redact: Redactor;
  readonly #logs: Partial<Record<OutputStream, RotatingFile>>;
  readonly #keyLines: Record<OutputStream, number> = { stdout: 0, stderr: 0 };

  constructor(options: {
    readonly redact: Redactor;
    /** How much of the end is kept for the record, in bytes. */
    readonly tailBytes: number;
    readonly logs?: Partial<Record<OutputStream, RotatingFile>>;
  }) {
    this.#redact = options.redact;
    this.#tail = new OutputTail(options.tailBytes);
    this.#logs = options.logs ?? {};
    this.#lines = {
      stdout: new LineReader((line) => this.#take('stdout', line)),
      stderr: new LineReader((line) => this.#take('stderr', line)),
    };
  }

  add(stream: OutputStream, chunk: Buffer): void {
    this.#lines[stream].add(chunk);
  }

  /** Takes what stands in lines without an end, and closes the logs. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#lines[stream].end();
      this.#logs[stream]?.close();
    }
  }

  /** The end of both streams in the order in which they came. */
  tail(): { readonly text: string; readonly truncated: boolean } {
    return { text: this.#tail.text(), truncated: this.#tail.truncated };
  }

  #take(stream: OutputStream, line: string): void {
    const clean = this.#withoutKey(stream, line);
    if (clean === undefined) return;
    const whole = `${cut(this.#redact(clean))}\n`;
    this.#logs[stream]?.write(whole);
    this.#tail.add(Buffer.from(whole));
  }

  /** Private keys are the one secret that goes over many lines. */
  #withoutKey(stream: OutputStream, line: string): string | undefined {
    if (this.#keyLines[stream] > 0) {
      this.#keyLines[stream] = line.includes('-----END ') ? 0 : this.#keyLines[stream] - 1;
      return undefined;
    }
    const begins = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.exec(line);
    if (begins === null) return line;
    if (!line.includes('-----END ', begins.index)) this.#keyLines[stream] = MAX_KEY_LINES;
    return line.slice(0, begins.index) + REDACTED;
  }
}

/** Cuts a stream of bytes into lines of bounded length. */
class LineReader {
  readonly #decoder = new StringDecoder('utf8');
  readonly #tell: (line: string) => void;
  #rest = '';
  #skips = false;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  add(chunk: Buffer): void {
    const parts = this.#decoder.write(chunk).split('\n');
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.#endLine();
      if (this.#skips) continue;
      this.#rest += part;
      if (this.#rest.length > MAX_LINE + CUT_MARGIN) {
        this.#rest = this.#rest.slice(0, MAX_LINE + CUT_MARGIN);
        this.#skips = true;
      }
    }
  }

  end(): void {
    this.#rest += this.#skips ? '' : this.#decoder.end();
    if (this.#rest !== '') this.#endLine();
  }

  #endLine(): void {
    // A progress bar rewrites its line; what counts is how it ends.
    const line = this.#rest.replace(/\r$/, '');
    this.#tell(line.slice(line.lastIndexOf('\r') + 1));
    this.#rest = '';
    this.#skips = false;
  }
}

function cut(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)} … (cut)` : line;
}

const MAX_SUMMARY = 500;

/** The last line of the final five that says something. */
export function summaryOf(tail: string): string {
  const lines = tail.trimEnd().split('\n').slice(-5);
  return short(lines.findLast((line) => line.trim() !== '') ?? '');
}

/** The last line that speaks of a failure; empty when none does. */
export function errorLineOf(tail: string): string {
  return short(tail.split('\n').findLast((line) => /error|exception|fail|traceback/i.test(line)) ?? '');
}

function short(line: string): string {
  const text = line.trim();
  return text.length > MAX_SUMMARY ? `${text.slice(0, MAX_SUMMARY - 1)}…` : text;
}
