import { isDeepStrictEqual } from 'node:util';
import {
  applyEdits,
  type FormattingOptions,
  findNodeAtLocation,
  getNodeValue,
  type JSONPath,
  modify,
  type ParseError,
  parseTree,
} from 'jsonc-parser';

import type { ConfigEdit } from './contract.ts';

export type JsonEdit = Extract<ConfigEdit, { kind: 'json-member' | 'json-element' }>;

/** What became of one edit: a new text, nothing to do, or a place that is not ours to change. */
export type EditOutcome =
  | { readonly kind: 'changed'; readonly text: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'conflict'; readonly reason: string };

/** Puts the edit's value into a JSON text, comments and layout of the rest kept. `written` is what we put there before. */
export function insertJson(text: string, edit: JsonEdit, written: unknown): EditOutcome {
  return behindMark(text, (body) => insertInto(body, edit, written));
}

function insertInto(text: string, edit: JsonEdit, written: unknown): EditOutcome {
  const source = text.trim() === '' ? '{}\n' : text;
  const root = parse(source);
  if (typeof root === 'string') return { kind: 'conflict', reason: root };
  const obstacle = findObstacle(root, edit.path);
  if (obstacle !== undefined) return { kind: 'conflict', reason: obstacle };
  return edit.kind === 'json-member'
    ? insertMember(source, root, edit, written)
    : insertElement(source, root, edit, written);
}

/** Takes our value out again; a value that somebody edited since is left and reported. */
export function removeJson(text: string, edit: JsonEdit): EditOutcome {
  return behindMark(text, (body) => removeFrom(body, edit));
}

function removeFrom(text: string, edit: JsonEdit): EditOutcome {
  const root = parse(text);
  if (typeof root === 'string') return { kind: 'conflict', reason: root };
  const path = edit.kind === 'json-member' ? [...edit.path] : elementPath(root, edit);
  const node = path === undefined ? undefined : findNodeAtLocation(root, path);
  if (path === undefined || node === undefined) return { kind: 'unchanged' };
  if (!isSameJson(getNodeValue(node), edit.value)) {
    return { kind: 'conflict', reason: `${path.join('.')} was edited by hand` };
  }
  if (edit.kind === 'json-element' && edit.placeholder !== undefined && !isLast(root, path)) {
    return change(text, path, edit.placeholder);
  }
  return pruneEmpty(remove(text, path), edit.path);
}

function insertMember(
  text: string,
  root: Root,
  edit: Extract<JsonEdit, { kind: 'json-member' }>,
  written: unknown,
): EditOutcome {
  const node = findNodeAtLocation(root, [...edit.path]);
  if (node !== undefined) {
    const current: unknown = getNodeValue(node);
    if (isSameJson(current, edit.value)) return { kind: 'unchanged' };
    if (!isSameJson(current, written)) {
      const reason = written === undefined ? 'is there already and is not ours' : 'was edited by hand';
      return { kind: 'conflict', reason: `${edit.path.join('.')} ${reason}` };
    }
  }
  return change(text, [...edit.path], edit.value);
}

function insertElement(
  text: string,
  root: Root,
  edit: Extract<JsonEdit, { kind: 'json-element' }>,
  written: unknown,
): EditOutcome {
  const list = findNodeAtLocation(root, [...edit.path]);
  if (list !== undefined && list.type !== 'array')
    return { kind: 'conflict', reason: `${edit.path.join('.')} is not a list` };
  const path = elementPath(root, edit);
  const node = path === undefined ? undefined : findNodeAtLocation(root, path);
  if (path !== undefined && node !== undefined) {
    const current: unknown = getNodeValue(node);
    if (isSameJson(current, edit.value)) return { kind: 'unchanged' };
    if (!isSameJson(current, written))
      return { kind: 'conflict', reason: `${path.join('.')} was edited by hand` };
    return change(text, path, edit.value);
  }
  if (list === undefined) return change(text, [...edit.path], [edit.value]);
  // Always at the end: what others put there keeps its place, and with it its trust.
  return change(text, [...edit.path, list.children?.length ?? 0], edit.value, true);
}

/** The place of our element in its list: the one that holds the marker. */
function elementPath(
  root: Root,
  edit: Extract<JsonEdit, { kind: 'json-element' }>,
): (string | number)[] | undefined {
  const list = findNodeAtLocation(root, [...edit.path]);
  if (list?.type !== 'array') return undefined;
  const index = (list.children ?? []).findIndex((child) =>
    JSON.stringify(getNodeValue(child)).includes(edit.marker),
  );
  return index === -1 ? undefined : [...edit.path, index];
}

function isLast(root: Root, path: readonly (string | number)[]): boolean {
  const list = findNodeAtLocation(root, path.slice(0, -1));
  return path.at(-1) === (list?.children?.length ?? 0) - 1;
}

/** Objects and lists that only held what was ours go with it, from the inside out. */
function pruneEmpty(text: string, path: readonly string[]): EditOutcome {
  let pruned = text;
  for (let depth = path.length; depth > 0; depth -= 1) {
    const root = parse(pruned);
    const place = path.slice(0, depth);
    const node = typeof root === 'string' ? undefined : findNodeAtLocation(root, place);
    if (node === undefined) continue;
    const isEmpty = (node.type === 'object' || node.type === 'array') && (node.children?.length ?? 0) === 0;
    if (!isEmpty) break;
    pruned = remove(pruned, place);
  }
  return { kind: 'changed', text: pruned };
}

function change(text: string, path: JSONPath, value: unknown, isArrayInsertion = false): EditOutcome {
  const edits = modify(text, path, value, { formattingOptions: layoutOf(text), isArrayInsertion });
  return { kind: 'changed', text: applyEdits(text, edits) };
}

function remove(text: string, path: JSONPath): string {
  return applyEdits(text, modify(text, path, undefined, { formattingOptions: layoutOf(text) }));
}

/** By content: the parser's objects have no prototype, ours do. */
function isSameJson(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}

type Root = NonNullable<ReturnType<typeof parseTree>>;

/** The outermost object, or why there is none. */
function parse(text: string): Root | string {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  if (errors.length > 0 || root === undefined) return 'it is not valid JSON';
  return root.type === 'object' ? root : 'it holds no JSON object';
}

/** Why nothing can be put at a path: something else stands in the way, or a name counts twice. */
function findObstacle(root: Root, path: readonly string[]): string | undefined {
  for (let depth = 0; depth < path.length; depth += 1) {
    const place = path.slice(0, depth);
    const node = findNodeAtLocation(root, place);
    if (node === undefined) return undefined;
    if (node.type !== 'object') return `${place.join('.')} is not an object`;
    const named = (node.children ?? []).filter(({ children }) => children?.[0]?.value === path[depth]);
    // Programs take the last of them, and a person reads the first.
    if (named.length > 1) return `${path.slice(0, depth + 1).join('.')} is there twice`;
  }
  return undefined;
}

/** A byte order mark is no JSON, and editors on Windows write one: it stays where it is. */
function behindMark(text: string, edit: (body: string) => EditOutcome): EditOutcome {
  if (!text.startsWith('\uFEFF')) return edit(text);
  const outcome = edit(text.slice(1));
  return outcome.kind === 'changed' ? { kind: 'changed', text: `\uFEFF${outcome.text}` } : outcome;
}

function layoutOf(text: string): FormattingOptions {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
