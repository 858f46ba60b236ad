/**
 * The macro grammar of prompt bodies: `{{primitive key=value key2="two words" list=[…] object={…}}}`, one level,
 * no nesting. A value too long for a line is a here-document: `key=>>LABEL}}`, the lines, `<<LABEL` alone on a line;
 * what stands between is taken as it is, braces included.
 *
 * A hand-written scanner, because values may hold braces, brackets and quotes, which no regular expression balances.
 */

export interface Macro {
  readonly primitive: string;
  readonly params: ReadonlyMap<string, unknown>;
  /** Offsets in the text: from the first brace to behind the last, or to the end of the last here-document. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Blanks before the macro when nothing else stands there; undefined inside a line. */
  readonly indent: string | undefined;
}

export interface MacroFault {
  readonly kind: 'syntax' | 'unknown-primitive' | 'parameter';
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

export interface ScanResult {
  readonly macros: readonly Macro[];
  readonly faults: readonly MacroFault[];
}

/** Finds every macro of a body. A faulty one is reported and passed over; the others are still found. */
export function scanMacros(text: string): ScanResult {
  const macros: Macro[] = [];
  const faults: MacroFault[] = [];
  const labels = new Set<string>();
  let at = text.indexOf('{{');
  while (at !== -1) {
    try {
      const macro = new Scanner(text, at, labels).read();
      macros.push(macro);
      at = text.indexOf('{{', macro.end);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({
        kind: 'syntax',
        line: lineOf(text, at),
        message: error.message,
        fix: error.fix,
      });
      at = text.indexOf('{{', Math.max(error.offset, at + 2));
    }
  }
  return { macros, faults };
}

class Fault extends Error {
  readonly offset: number;
  readonly fix: string;
  constructor(offset: number, message: string, fix: string) {
    super(message);
    this.offset = offset;
    this.fix = fix;
  }
}

const NAME = /[a-z][a-z0-9_]*/y;
const LABEL = /[A-Za-z][A-Za-z0-9_]*/y;
const BLANK = /\s*/y;

class Scanner {
  readonly #text: string;
  readonly #start: number;
  readonly #labels: Set<string>;
  #at: number;

  constructor(text: string, start: number, labels: Set<string>) {
    this.#text = text;
    this.#start = start;
    this.#labels = labels;
    this.#at = start + 2;
  }

  read(): Macro {
    this.#take(BLANK);
    const primitive = this.#take(NAME);
    if (primitive === '')
      throw this.#fault('"{{" does not begin a macro', 'Name a primitive, or write the braces otherwise.');
    const params = new Map<string, unknown>();
    const documents: { key: string; label: string }[] = [];
    for (;;) {
      const gap = this.#take(BLANK);
      if (this.#text.startsWith('}}', this.#at)) break;
      if (this.#at >= this.#text.length) throw this.#unterminated(primitive);
      const key = this.#take(NAME);
      if (gap === '' || key === '' || this.#text[this.#at] !== '=') {
        throw this.#fault(
          `{{${primitive} … expects key=value here`,
          'Separate parameters by blanks and end with }}.',
        );
      }
      this.#at += 1;
      if (params.has(key) || documents.some((document) => document.key === key)) {
        throw this.#fault(`{{${primitive} … gives ${key} twice`, 'Keep one of them.');
      }
      if (this.#text.startsWith('>>', this.#at)) {
        this.#at += 2;
        documents.push({ key, label: this.#readLabel() });
      } else {
        params.set(key, this.#readValue(primitive, key));
      }
    }
    this.#at += 2;
    const indent = this.#indent();
    if (documents.length > 0) this.#readDocuments(documents, indent ?? '', params);
    return {
      primitive,
      params,
      start: this.#start,
      end: this.#at,
      line: lineOf(this.#text, this.#start),
      indent,
    };
  }

  #readLabel(): string {
    const label = this.#take(LABEL);
    if (label === '')
      throw this.#fault('">>" needs a label', 'Write >>LABEL, and <<LABEL alone on the line that ends it.');
    if (this.#labels.has(label))
      throw this.#fault(`the label ${label} is used twice in this body`, 'Choose another label.');
    this.#labels.add(label);
    return label;
  }

  #readValue(primitive: string, key: string): unknown {
    const first = this.#text[this.#at];
    if (first === '"' || first === '[' || first === '{') {
      const from = this.#at;
      const to = first === '"' ? this.#endOfString(from) : this.#endOfBrackets(from);
      if (to === undefined) throw this.#unterminated(primitive);
      this.#at = to;
      try {
        return JSON.parse(this.#text.slice(from, to)) as unknown;
      } catch {
        this.#at = from;
        throw this.#fault(
          `the value of ${key} is not JSON`,
          'Quote keys and texts with ", escape a quote as \\"; use a here-document for several lines.',
        );
      }
    }
    const from = this.#at;
    while (
      this.#at < this.#text.length &&
      !/\s/.test(this.#text[this.#at] ?? '') &&
      !this.#text.startsWith('}}', this.#at)
    ) {
      if (this.#text.startsWith('{{', this.#at))
        throw this.#fault('a macro stands inside a macro', 'Put it in front of or behind the other.');
      this.#at += 1;
    }
    if (this.#at === from)
      throw this.#fault(`${key} has no value`, 'Write a value behind the sign, "" for an empty text.');
    return this.#text.slice(from, this.#at);
  }

  #readDocuments(
    documents: readonly { key: string; label: string }[],
    indent: string,
    params: Map<string, unknown>,
  ): void {
    const rest = this.#text.slice(this.#at, this.#endOfLine(this.#at));
    if (rest.trim() !== '')
      throw this.#fault('text follows }} on the line of a here-document', 'Let the line end with }}.');
    for (const { key, label } of documents) {
      const lines: string[] = [];
      for (;;) {
        const from = this.#endOfLine(this.#at) + 1;
        if (from > this.#text.length) {
          this.#at = this.#start;
          throw this.#fault(
            `the here-document ${label} does not end`,
            `Write <<${label} alone on the line behind it.`,
          );
        }
        this.#at = this.#endOfLine(from);
        const line = this.#text.slice(from, this.#at);
        if (line.trim() === `<<${label}`) break;
        lines.push(line.startsWith(indent) ? line.slice(indent.length) : line);
      }
      params.set(key, lines.join('\n'));
    }
  }

  /** Offset behind the closing quote of the string at `from`. */
  #endOfString(from: number): number | undefined {
    for (let at = from + 1; at < this.#text.length; at += 1) {
      if (this.#text[at] === '\\') at += 1;
      else if (this.#text[at] === '"') return at + 1;
    }
    return undefined;
  }

  #endOfBrackets(from: number): number | undefined {
    let depth = 0;
    for (let at = from; at < this.#text.length; at += 1) {
      const sign = this.#text[at];
      if (sign === '"') {
        const end = this.#endOfString(at);
        if (end === undefined) return undefined;
        at = end - 1;
      } else if (sign === '[' || sign === '{') {
        depth += 1;
      } else if (sign === ']' || sign === '}') {
        depth -= 1;
        if (depth === 0) return at + 1;
      }
    }
    return undefined;
  }

  #indent(): string | undefined {
    const before = this.#text.slice(this.#text.lastIndexOf('\n', this.#start - 1) + 1, this.#start);
    return before.trim() === '' ? before : undefined;
  }

  #endOfLine(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end === -1 ? this.#text.length : end;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    return taken;
  }

  #unterminated(primitive: string): Fault {
    return new Fault(this.#start, `{{${primitive} … does not end`, 'Close it with }}.');
  }

  #fault(message: string, fix: string): Fault {
    return new Fault(this.#at, message, fix);
  }
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
