/**
 * Text from state files, agents and other people's tools may hold anything, terminal escapes included. Everything
 * that is shown passes through here first, so that a task title can neither move the cursor nor forge a line.
 */

/** Stands for a line break inside a value, until `paragraph` turns it back into one. */
export const LINE_BREAK = '\u2424';

/**
 * What a terminal could act on or hide: C0 and C1 controls, the separators some terminals break lines at, marks
 * that reorder text, invisible formatting, and halves of surrogate pairs.
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what it is for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** The text with everything unsafe spelled out: `\x1b`, `\u{202e}`; tabs become blanks, line breaks `␤`. */
export function printableText(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSAFE, (character) => {
    if (character === '\n') return LINE_BREAK;
    if (character === '\t') return '  ';
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same data with every string in it, keys too, made printable. */
export function printable<T>(data: T): T {
  // The shape is kept and strings stay strings, so the type does too.
  return makePrintable(data) as T;
}

function makePrintable(value: unknown): unknown {
  if (typeof value === 'string') return printableText(value);
  if (Array.isArray(value)) return value.map(makePrintable);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [printableText(key), makePrintable(item)]),
    );
  }
  return value;
}

/** JSON for standard output: the same document, with the characters a terminal could act on escaped. */
export function printableJson(data: unknown): string {
  // Outside of strings JSON holds none of these, and inside \uXXXX means the same, so the document stays the same.
  return escapeUnsafe(JSON.stringify(data, null, 2));
}

/** The same on one line, for one document of many. */
export function printableJsonLine(data: unknown): string {
  return escapeUnsafe(JSON.stringify(data));
}

function escapeUnsafe(json: string): string {
  return json.replace(UNSAFE, (character) =>
    character === '\n' ? character : [...character].map(jsonEscape).join(''),
  );
}

function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
