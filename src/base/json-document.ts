/**
 * A JSON file that is a list of records with some members around it: `{"goal": …, "tasks": [ … ]}` or just `[ … ]`.
 *
 * Records that are not changed are kept as the text that was read, so a rewrite preserves what this version does not
 * know, down to numbers that JavaScript cannot hold, and a file of ten thousand records costs no re-serialising.
 */
export interface JsonDocument {
  /** JSON text of each member of the root object, in file order; the list stands there as empty text. */
  readonly members: Map<string, string>;
  /** Name of the list member, or undefined when the root is the list. */
  readonly listKey: string | undefined;
  readonly records: JsonRecord[];
}

export interface JsonRecord {
  /** The record's JSON text as it stands, or will stand, in the file. */
  readonly text: string;
  readonly value: unknown;
}

/** Deepest nesting that is accepted. Real state files need about six levels. */
export const MAX_DEPTH = 256;

/** The text is not the JSON that was expected; `message` completes "the file …". */
export class JsonFault extends Error {
  override name = 'JsonFault';
}

/** Bytes to text; throws JsonFault unless they are UTF-8 without a byte order mark. */
export function decodeUtf8(bytes: Buffer): string {
  if (bytes.length === 0) throw new JsonFault('is empty');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw new JsonFault('begins with a byte order mark');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new JsonFault('is not UTF-8 text');
  }
}

/** Parses JSON of bounded depth; throws JsonFault with a short reason that names no content. */
export function parseJson(text: string): unknown {
  if (/^(<{7}|={7}|>{7})( |$)/m.test(text)) throw new JsonFault('holds merge conflict markers');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonFault('is not valid JSON');
  }
  // V8 parses any depth, but writers and validators recurse.
  skipValue(text, skipSpace(text, 0));
  return value;
}

/** Parses a whole document; throws JsonFault when it is not JSON or has not the expected shape. */
export function parseDocument(text: string, listKey: string | undefined): JsonDocument {
  const root = parseJson(text);
  const list = listOf(root, listKey);
  const { members, records } = splitDocument(text, listKey);
  if (records.length !== list.length) throw new JsonFault('names a key twice');
  return { members, listKey, records: records.map((raw, index) => ({ text: raw, value: list[index] })) };
}

/** The records that can still be read from a damaged text: whole ones up to the first fault. Never throws. */
export function salvageRecords(text: string, listKey: string | undefined): JsonRecord[] {
  const salvaged: JsonRecord[] = [];
  try {
    splitDocument(text, listKey, (raw) => salvaged.push({ text: raw, value: parseJson(raw) }));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  return salvaged;
}

export function renderDocument(document: JsonDocument): string {
  const { untilListEnd, tail } = renderDocumentParts(document);
  return untilListEnd + tail;
}

/** The text in two parts, cut where a further record would be inserted: right after the list's last one. */
export function renderDocumentParts({ members, listKey, records }: JsonDocument): {
  untilListEnd: string;
  tail: string;
} {
  const pad = listPad(listKey);
  const body = records.map((record) => record.text).join(`,\n${pad}`);
  const listStart = records.length === 0 ? '[' : `[\n${pad}${body}`;
  const listEnd = records.length === 0 ? ']' : `\n${pad.slice(2)}]`;
  if (listKey === undefined) return { untilListEnd: listStart, tail: `${listEnd}\n` };
  const lines = [...members].map(([key, text]) =>
    key === listKey ? undefined : `  ${JSON.stringify(key)}: ${text}`,
  );
  const keys = [...members.keys()];
  const place = keys.includes(listKey) ? keys.indexOf(listKey) : lines.length;
  const before = lines.slice(0, place).map((line) => `${line},\n`);
  const after = lines.slice(place + 1).map((line) => `,\n${line}`);
  return {
    untilListEnd: `{\n${before.join('')}  ${JSON.stringify(listKey)}: ${listStart}`,
    tail: `${listEnd}${after.join('')}\n}\n`,
  };
}

/** What stands between a list's last record and one that is added after it. */
export function recordSeparator(listKey: string | undefined): string {
  return `,\n${listPad(listKey)}`;
}

function listPad(listKey: string | undefined): string {
  return listKey === undefined ? '  ' : '    ';
}

/** Where a list ends inside a text: what follows its last record (or its opening bracket, when it is empty). */
export interface ListTail {
  readonly text: string;
  readonly isEmpty: boolean;
}

/** The end of the list in a text that `parseDocument` accepted; undefined when the list is not there. */
export function findListTail(text: string, listKey: string): ListTail | undefined {
  const { listEnd, records } = splitDocument(text, listKey);
  return listEnd === undefined ? undefined : { text: text.slice(listEnd), isEmpty: records.length === 0 };
}

/**
 * Reads on from the end of a known record: the records that follow, and the new tail.
 * Throws JsonFault when the text does not continue a list.
 */
export function readFollowingRecords(text: string): { records: JsonRecord[]; tail: ListTail } {
  const records: JsonRecord[] = [];
  let end = 0;
  for (;;) {
    const at = skipSpace(text, end);
    if (text[at] === ']') return { records, tail: { text: text.slice(end), isEmpty: false } };
    expectAt(text, at, ',');
    const start = skipSpace(text, at + 1);
    end = skipValue(text, start);
    const raw = text.slice(start, end);
    records.push({ text: raw, value: parseJson(raw) });
  }
}

/** A record for a value that is written anew. */
export function createRecord(value: unknown, listKey: string | undefined): JsonRecord {
  return { value, text: JSON.stringify(value, null, 2).replaceAll('\n', `\n${listPad(listKey)}`) };
}

function listOf(root: unknown, listKey: string | undefined): readonly unknown[] {
  if (listKey === undefined) {
    if (!Array.isArray(root)) throw new JsonFault('is not a JSON array');
    return root;
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root))
    throw new JsonFault('is not a JSON object');
  const list: unknown = Object.hasOwn(root, listKey) ? (root as Record<string, unknown>)[listKey] : undefined;
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new JsonFault(`has no list "${listKey}"`);
  return list;
}

/** Cuts a text into its root members and list records. Follows brackets and strings only: values are not checked. */
function splitDocument(
  text: string,
  listKey: string | undefined,
  onRecord: (raw: string) => void = () => {},
): { members: Map<string, string>; records: string[]; listEnd: number | undefined } {
  const members = new Map<string, string>();
  const records: string[] = [];
  let listEnd: number | undefined;
  const readList = (start: number): number => {
    listEnd = start;
    return readItems(text, start, ']', (at) => {
      const end = skipValue(text, at);
      const raw = text.slice(at, end);
      onRecord(raw);
      records.push(raw);
      listEnd = end;
      return end;
    });
  };
  const start = skipSpace(text, 0);
  if (listKey === undefined) {
    expectAt(text, start, '[');
    readList(start + 1);
    return { members, records, listEnd };
  }
  expectAt(text, start, '{');
  readItems(text, start + 1, '}', (at) => {
    const keyEnd = skipString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    if (typeof key !== 'string') throw new JsonFault('is not valid JSON');
    const colon = skipSpace(text, keyEnd);
    expectAt(text, colon, ':');
    const valueStart = skipSpace(text, colon + 1);
    if (members.has(key)) throw new JsonFault('names a key twice');
    const isList = key === listKey && text[valueStart] === '[';
    const valueEnd = isList ? readList(valueStart + 1) : skipValue(text, valueStart);
    members.set(key, isList ? '' : text.slice(valueStart, valueEnd));
    return valueEnd;
  });
  return { members, records, listEnd };
}

/** Reads `item , item …` up to `close`; returns the position after it. */
function readItems(text: string, start: number, close: string, readItem: (at: number) => number): number {
  let at = skipSpace(text, start);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skipSpace(text, readItem(at));
    if (text[at] === close) return at + 1;
    expectAt(text, at, ',');
    at = skipSpace(text, at + 1);
  }
}

function skipSpace(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at += 1;
  }
}

function expectAt(text: string, at: number, wanted: string): void {
  if (text[at] !== wanted) throw new JsonFault('is not valid JSON');
}

/** Position after the string that starts at `start`. */
function skipString(text: string, start: number): number {
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

/** Position after the value that starts at `start`. */
function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === 34) return skipString(text, start);
  let depth = 0;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) throw new JsonFault('ends in the middle');
    if (code === 34) at = skipString(text, at) - 1;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new JsonFault(`is nested deeper than ${MAX_DEPTH} levels`);
    } else if (code === 125 || code === 93) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (code === 44 || code <= 32)) return at;
  }
}
