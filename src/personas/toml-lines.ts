type Step = string | number;

/**
 * Finds the line, from 1, on which the value at a path stands, or the nearest part of the path that is written down.
 * `text` has to be TOML that a parser has accepted: nothing is checked here again.
 */
export function locateTomlValues(text: string): (path: readonly Step[]) => number {
  const lines = new Scan(text).run();
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = lines.get(toKey(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  };
}

/** `['env_vars', 0, 'name']` as people write it: `env_vars[0].name`. */
export function keyName(path: readonly (string | number)[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('');
}

function toKey(path: readonly Step[]): string {
  return JSON.stringify(path);
}

/** One walk through the text; TOML decides by one character what comes next. */
class Scan {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  /** Path of an array of tables → index of its last element. */
  readonly #arrays = new Map<string, number>();
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  run(): ReadonlyMap<string, number> {
    let table: Step[] = [];
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      if (this.#next() === '[') table = this.#header();
      else this.#pair(table);
    }
    return this.#lines;
  }

  #header(): Step[] {
    const isArray = this.#text.startsWith('[[', this.#at);
    const line = this.#line;
    this.#skip(isArray ? 2 : 1);
    const name = this.#keyParts(']');
    this.#skip(isArray ? 2 : 1);
    const path = this.#inArrays(name.slice(0, -1), name.at(-1) ?? '');
    if (!isArray) return this.#found(this.#inArrays(name), line);
    const index = (this.#arrays.get(toKey(path)) ?? -1) + 1;
    this.#arrays.set(toKey(path), index);
    this.#found(path, line);
    return this.#found([...path, index], line);
  }

  /** Inside an array of tables a name means its last element. */
  #inArrays(name: readonly string[], last?: string): Step[] {
    const path: Step[] = [];
    for (const part of name) {
      path.push(part);
      const index = this.#arrays.get(toKey(path));
      if (index !== undefined) path.push(index);
    }
    return last === undefined ? path : [...path, last];
  }

  #pair(table: readonly Step[]): void {
    const line = this.#line;
    const path = [...table, ...this.#keyParts('=')];
    this.#skip(1);
    this.#found(path, line);
    this.#value(path);
  }

  #value(path: readonly Step[]): void {
    this.#skipBlank();
    const first = this.#next();
    if (first === '"' || first === "'") this.#string();
    else if (first === '[') this.#list(path);
    else if (first === '{') this.#inlineTable(path);
    else while (this.#at < this.#text.length && !/[\s,\]}#]/.test(this.#next())) this.#skip(1);
  }

  #list(path: readonly Step[]): void {
    this.#skip(1);
    for (let index = 0; ; index += 1) {
      this.#skipBlank(',');
      if (this.#next() === ']' || this.#at >= this.#text.length) break;
      this.#value(this.#found([...path, index], this.#line));
    }
    this.#skip(1);
  }

  #inlineTable(path: readonly Step[]): void {
    this.#skip(1);
    for (;;) {
      this.#skipBlank(',');
      if (this.#next() === '}' || this.#at >= this.#text.length) break;
      this.#pair(path);
    }
    this.#skip(1);
  }

  #keyParts(end: string): string[] {
    const parts: string[] = [];
    while (this.#at < this.#text.length && this.#next() !== end) {
      const first = this.#next();
      if (first === '"' || first === "'") parts.push(this.#string());
      else if (/[\s.]/.test(first)) this.#skip(1);
      else {
        const bare = /^[\w-]+/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0] ?? first;
        parts.push(bare);
        this.#skip(bare.length);
      }
    }
    return parts;
  }

  /** A string of any of the four kinds; its text without the quotes, escapes left as they are. */
  #string(): string {
    const quote = this.#next();
    const mark = this.#text.startsWith(quote.repeat(3), this.#at) ? quote.repeat(3) : quote;
    const start = this.#at + mark.length;
    let end = start;
    while (end < this.#text.length && !this.#text.startsWith(mark, end)) {
      end += quote === '"' && this.#text[end] === '\\' ? 2 : 1;
    }
    // A multi-line string may end in quotes of its own.
    while (mark.length === 3 && this.#text[end + 3] === quote) end += 1;
    this.#skip(end + mark.length - this.#at);
    return this.#text.slice(start, end);
  }

  #found(path: Step[], line: number): Step[] {
    if (!this.#lines.has(toKey(path))) this.#lines.set(toKey(path), line);
    return path;
  }

  #next(): string {
    return this.#text[this.#at] ?? '';
  }

  #skip(length: number): void {
    for (let count = 0; count < length && this.#at < this.#text.length; count += 1) {
      if (this.#text[this.#at] === '\n') this.#line += 1;
      this.#at += 1;
    }
  }

  #skipBlank(also = ''): void {
    for (;;) {
      const next = this.#next();
      if (next === '#') while (this.#at < this.#text.length && this.#next() !== '\n') this.#skip(1);
      else if (next !== '' && (/[\s\ufeff]/.test(next) || next === also)) this.#skip(1);
      else return;
    }
  }
}
