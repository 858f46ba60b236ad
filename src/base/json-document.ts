import { expectAt, JsonFault, MAX_DEPTH, readItems, skipSpace, skipString, skipValue } from './json-scan.ts';

export { JsonFault, MAX_DEPTH } from './json-scan.ts';

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
export function parseJson(text: string, maxDepth = MAX_DEPTH): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Only here: inside valid JSON such a line is the content of a string, after a line separator of Unicode.
    const hasMarkers = /^(<{7}|={7}|>{7})( |$)/m.test(text);
    throw new JsonFault(hasMarkers ? 'holds merge conflict markers' : 'is not valid JSON');
  }
  // V8 parses any depth, but writers and validators recurse.
  if (typeof value === 'object' && value !== null) skipValue(text, skipSpace(text, 0), maxDepth);
  return value;
}

/** Parses a whole document; throws JsonFault when it is not JSON or has not the expected shape. */
export function parseDocument(text: string, listKey: string | undefined, maxDepth = MAX_DEPTH): JsonDocument {
  const root = parseJson(text, maxDepth);
  const list = listOf(root, listKey);
  const { members, records } = splitDocument(text, listKey);
  if (records.length !== list.length) throw new JsonFault('names a key twice');
  return { members, listKey, records: records.map((raw, index) => ({ text: raw, value: list[index] })) };
}

/**
 * What can still be read of a damaged text: members and whole records up to the first fault. Never throws. Members are
 * checked one by one, so that what comes back can be rendered; the list is there even when it was not reached.
 */
export function salvageDocument(
  text: string,
  listKey: string | undefined,
  maxDepth = MAX_DEPTH,
): JsonDocument {
  const members = new Map<string, string>();
  const records: JsonRecord[] = [];
  try {
    splitDocument(text, listKey, {
      onMember: (key, raw) => {
        if (key !== listKey) parseJson(raw, maxDepth);
        members.set(key, raw);
      },
      onRecord: (raw) => records.push({ text: raw, value: parseJson(raw, maxDepth) }),
    });
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  return { members, listKey, records };
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
    records.push({ text: raw, value: parseJson(raw, Infinity) });
  }
}

/** A record for a value that is written anew. */
export function createRecord(value: unknown, listKey: string | undefined): JsonRecord {
  return { value, text: indentJson(JSON.stringify(value, null, 2), listPad(listKey)) };
}

/**
 * The record with some members set to new values, or taken out where the value is undefined. Every other member keeps
 * its text, so that nothing is lost that JavaScript's numbers cannot hold. Throws JsonFault when a key comes twice.
 */
export function changeRecord(
  record: JsonRecord,
  changes: Readonly<Record<string, unknown>>,
  listKey: string | undefined,
): JsonRecord {
  const pad = listPad(listKey);
  const texts = Object.entries(changes).map(([key, value]): [string, string | undefined] => [
    key,
    value === undefined ? undefined : indentJson(JSON.stringify(value, null, 2), `${pad}  `),
  ]);
  const text = changeObject(record.text, texts, pad);
  return { text, value: JSON.parse(text) };
}

/** The text of an object with some members' texts replaced, added or (undefined) taken out; see `changeRecord`. */
export function changeObject(
  text: string,
  changes: Iterable<readonly [string, string | undefined]>,
  pad: string,
): string {
  const members = readObject(text);
  for (const [key, raw] of changes) {
    if (raw === undefined) members.delete(key);
    else members.set(key, raw);
  }
  return renderObject(members, pad);
}

/** The JSON text of each member of an object. Throws JsonFault when a key comes twice, or it is no object. */
export function readObject(text: string): Map<string, string> {
  return readMembers(text, 0, (_key, at) => {
    const end = skipValue(text, at);
    return { raw: text.slice(at, end), end };
  });
}

/** An object from the JSON texts of its members, which stand two spaces further in than `pad`. */
export function renderObject(members: ReadonlyMap<string, string>, pad: string): string {
  if (members.size === 0) return '{}';
  const lines = [...members].map(([key, raw]) => `${pad}  ${JSON.stringify(key)}: ${raw}`);
  return `{\n${lines.join(',\n')}\n${pad}}`;
}

/** Moves all lines but the first further in. Strings in JSON hold no line breaks, so only layout changes. */
export function indentJson(text: string, pad: string): string {
  return text.replaceAll('\n', `\n${pad}`);
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

interface SplitListener {
  onMember?: (key: string, raw: string) => void;
  onRecord?: (raw: string) => void;
}

/** Cuts a text into its root members and list records. Follows brackets and strings only: values are not checked. */
function splitDocument(
  text: string,
  listKey: string | undefined,
  { onMember, onRecord }: SplitListener = {},
): { members: Map<string, string>; records: string[]; listEnd: number | undefined } {
  const records: string[] = [];
  let listEnd: number | undefined;
  const readList = (start: number): number => {
    listEnd = start;
    return readItems(text, start, ']', (at) => {
      const end = skipValue(text, at);
      const raw = text.slice(at, end);
      onRecord?.(raw);
      records.push(raw);
      listEnd = end;
      return end;
    });
  };
  const start = skipSpace(text, 0);
  if (listKey === undefined) {
    expectAt(text, start, '[');
    readList(start + 1);
    return { members: new Map(), records, listEnd };
  }
  const members = readMembers(text, start, (key, at) => {
    const isList = key === listKey && text[at] === '[';
    const end = isList ? readList(at + 1) : skipValue(text, at);
    const raw = isList ? '' : text.slice(at, end);
    onMember?.(key, raw);
    return { raw, end };
  });
  return { members, records, listEnd };
}

/** The members of the object that starts at `start`, in file order. Throws JsonFault when a key comes twice. */
function readMembers(
  text: string,
  start: number,
  readValue: (key: string, at: number) => { raw: string; end: number },
): Map<string, string> {
  const members = new Map<string, string>();
  expectAt(text, start, '{');
  readItems(text, start + 1, '}', (at) => {
    const keyEnd = skipString(text, at);
    const key = parseJson(text.slice(at, keyEnd));
    if (typeof key !== 'string') throw new JsonFault('is not valid JSON');
    const colon = skipSpace(text, keyEnd);
    expectAt(text, colon, ':');
    if (members.has(key)) throw new JsonFault('names a key twice');
    const { raw, end } = readValue(key, skipSpace(text, colon + 1));
    members.set(key, raw);
    return end;
  });
  return members;
}
