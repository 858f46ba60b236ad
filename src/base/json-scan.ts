/** Deepest nesting that is accepted, unless a caller says otherwise. Real state files need about six levels. */
export const MAX_DEPTH = 256;

/** The text is not the JSON that was expected; `message` completes "the file …". */
export class JsonFault extends Error {
  override name = 'JsonFault';
}

/** What ends a list and an object. */
type Closing = ']' | '}';

/** Reads `item , item …` up to `close`; returns the position after it. */
export function readItems(
  text: string,
  start: number,
  close: Closing,
  readItem: (at: number) => number,
): number {
  let at = skipSpace(text, start);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skipSpace(text, readItem(at));
    if (text[at] === close) return at + 1;
    expectAt(text, at, ',');
    at = skipSpace(text, at + 1);
  }
}

/** Position of the next character that is not white space. */
export function skipSpace(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at += 1;
  }
}

/** Throws JsonFault unless `wanted` stands there. */
export function expectAt(text: string, at: number, wanted: string): void {
  if (text[at] !== wanted) throw new JsonFault('is not valid JSON');
}

/** Position after the string that starts at `start`. */
export function skipString(text: string, start: number): number {
  expectAt(text, start, '"');
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote === -1) throw new JsonFault('ends in the middle');
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 92) slashes += 1;
    from = quote + 1;
    if (slashes % 2 === 0) return from;
  }
}

/** Position after the value that starts at `start`. Throws JsonFault when it is nested deeper than `maxDepth`. */
export function skipValue(text: string, start: number, maxDepth = Infinity): number {
  const first = text.charCodeAt(start);
  if (first === 34) return skipString(text, start);
  let depth = 0;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) throw new JsonFault('ends in the middle');
    if (code === 34) at = skipString(text, at) - 1;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > maxDepth) throw new JsonFault(`is nested deeper than ${maxDepth} levels`);
    } else if (code === 125 || code === 93) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (code === 44 || code <= 32)) return at;
  }
}
