import { join } from 'node:path';
import type { z } from 'zod';

import type { FileIdentity } from '../base/durable-file.ts';
import {
  assertUnchanged,
  identifyFile,
  isSameIdentity,
  readRegularFile,
  writeFileDurable,
} from '../base/durable-file.ts';
import {
  changeRecord,
  decodeUtf8,
  type JsonDocument,
  JsonFault,
  type JsonRecord,
  parseDocument,
  recordSeparator,
  renderDocumentParts,
  salvageDocument,
} from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { keepLastGood } from './last-good.ts';
import type { Workspace } from './workspace.ts';

/** Highest major `schema_version` that this release understands; `1` is written by later reference releases. */
const KNOWN_MAJOR = 1;

/**
 * Tells whether a value can stand in a state file. The schemas do, and so may a check by hand: this module loads no
 * schema, because the hooks that change a tracker are started far more often than anything else.
 */
export interface StateCheck {
  safeParse(value: unknown): { readonly success: boolean; readonly error?: CheckFault | undefined };
}

export interface CheckFault {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** One kind of state file: where it lies and what a readable one holds. */
export interface StateFile {
  /** Path from the project root, with `/`. */
  readonly relativePath: string;
  readonly listKey: string | undefined;
  readonly root: StateCheck | undefined;
  readonly record: StateCheck;
  /** Deepest nesting that is accepted. */
  readonly maxDepth: number;
  /**
   * It lives as long as a session, which no crash of the machine survives: replaced in one step as all are, so that a
   * killed writer harms nothing, but not flushed. Default false.
   */
  readonly isEphemeral?: boolean;
}

/** A state file that was read and understood. */
export interface LoadedFile<Root extends object = Record<string, unknown>, Item = unknown> {
  readonly document: JsonDocument;
  /** Members of the root object besides the list. */
  readonly root: Root;
  /** The list's values, as they stand in the file. */
  readonly items: readonly Item[];
  readonly identity: FileIdentity;
  /** The file's bytes and the length of what follows its list, when this process wrote it. */
  readonly written?: { readonly bytes: Buffer; readonly tailBytes: number };
}

type RootOf<F extends StateFile> =
  F['root'] extends z.ZodType<infer T extends Record<string, unknown>> ? T : Record<string, unknown>;
type ItemOf<F extends StateFile> = F['record'] extends z.ZodType<infer T> ? T : unknown;

export function statePath(workspace: Workspace, file: StateFile): string {
  return join(workspace.root, file.relativePath);
}

/**
 * Reads and checks a state file; undefined when there is none. An unchanged file is not read again.
 * Throws STATE_DAMAGED when it is there and cannot be understood.
 */
export function loadState<F extends StateFile>(
  workspace: Workspace,
  file: F,
): LoadedFile<RootOf<F>, ItemOf<F>> | undefined {
  const path = statePath(workspace, file);
  const key = `state:${file.relativePath}`;
  const cached = workspace.cache.get(key) as LoadedFile<RootOf<F>, ItemOf<F>> | undefined;
  if (cached !== undefined && isSameIdentity(identifyFile(workspace.fs, path), cached.identity))
    return cached;
  workspace.cache.delete(key);
  const content = readStateBytes(workspace, file);
  if (content === undefined) return undefined;
  const loaded = { ...parseState(file, content.bytes), identity: content.identity };
  workspace.cache.set(key, loaded);
  // The schemas of `file` have just accepted these values.
  return loaded as LoadedFile<RootOf<F>, ItemOf<F>>;
}

/** As `loadState`, for a caller that is about to change the file: throws STATE_TOO_NEW as well. */
export function loadForChange<F extends StateFile>(
  workspace: Workspace,
  file: F,
): LoadedFile<RootOf<F>, ItemOf<F>> | undefined {
  const loaded = loadState(workspace, file);
  assertWritableVersion(file, loaded?.root);
  return loaded;
}

/** Throws STATE_TOO_NEW when the root of a file declares a version that this release must not rewrite. */
export function assertWritableVersion(file: StateFile, root: Record<string, unknown> | undefined): void {
  const version = root?.schema_version;
  if (typeof version !== 'string' || isKnownVersion(version)) return;
  throw new NexoError(
    'STATE_TOO_NEW',
    `${file.relativePath} has schema_version ${version}, newer than this Nexo knows.`,
    {
      hint: 'Update Nexo; the file was left as it is.',
      data: { path: file.relativePath },
    },
  );
}

/** Whether a file that declares this `schema_version` may be written by this release. */
function isKnownVersion(version: string): boolean {
  const major = Number(version.split('.')[0]);
  return !Number.isInteger(major) || major <= KNOWN_MAJOR;
}

/** What a reading tool can still answer with: the file as it is, or its readable beginning, or nothing. Never throws. */
export function loadReadable<F extends StateFile>(
  workspace: Workspace,
  file: F,
): { root: Partial<RootOf<F>>; items: readonly ItemOf<F>[]; damaged: boolean } | undefined {
  try {
    const loaded = loadState(workspace, file);
    return loaded && { root: loaded.root as Partial<RootOf<F>>, items: loaded.items, damaged: false };
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return { ...salvageReadable(workspace, file), damaged: true };
  }
}

/** Why a state file cannot be used, or undefined when it is absent or fine. Never throws a NexoError. */
export function stateProblem(workspace: Workspace, file: StateFile): NexoError | undefined {
  try {
    loadForChange(workspace, file);
    return undefined;
  } catch (error) {
    if (error instanceof NexoError) return error;
    throw error;
  }
}

/** Checks the bytes of a state file. Throws STATE_DAMAGED. */
export function parseState(file: StateFile, bytes: Buffer): Omit<LoadedFile, 'identity'> {
  try {
    const document = parseDocument(decodeUtf8(bytes), file.listKey, file.maxDepth);
    const root = rootOf(document);
    const fault = file.root?.safeParse(root).error;
    if (fault !== undefined) throw new JsonFault(describeFault(fault));
    const items = document.records.map((record, index) => {
      const checked = file.record.safeParse(record.value);
      if (checked.error !== undefined)
        throw new JsonFault(describeFault(checked.error, `${file.listKey ?? ''}[${index}]`));
      return record.value;
    });
    return { document, root, items };
  } catch (error) {
    if (error instanceof JsonFault) throw damaged(file, error.message);
    throw error;
  }
}

/** Writes a changed document durably, remembers it, and keeps a copy for repair. Only under the workspace's lock. */
export function writeState(
  workspace: Workspace,
  lock: HeldLock,
  file: StateFile,
  document: JsonDocument,
): void {
  const { untilListEnd, tail } = renderDocumentParts(document);
  const bytes = Buffer.from(untilListEnd + tail);
  commitState(workspace, lock, file, {
    document,
    root: rootOf(document),
    bytes,
    tailBytes: Buffer.byteLength(tail),
  });
}

/**
 * Writes a document with one more record. When this process wrote the file as it is, its bytes are reused, so that
 * the ten thousandth record costs no rendering of the others. Only under the workspace's lock.
 */
export function appendState(
  workspace: Workspace,
  lock: HeldLock,
  file: StateFile,
  { loaded, record }: { loaded: LoadedFile<object>; record: JsonRecord },
): void {
  const document = { ...loaded.document, records: [...loaded.document.records, record] };
  const { written } = loaded;
  if (written === undefined || loaded.document.records.length === 0) {
    writeState(workspace, lock, file, document);
    return;
  }
  const end = written.bytes.length - written.tailBytes;
  const added = Buffer.from(recordSeparator(file.listKey) + record.text);
  const bytes = Buffer.concat([written.bytes.subarray(0, end), added, written.bytes.subarray(end)]);
  const root = loaded.root as Record<string, unknown>;
  commitState(workspace, lock, file, { document, root, bytes, tailBytes: written.tailBytes });
}

function commitState(
  workspace: Workspace,
  lock: HeldLock,
  file: StateFile,
  {
    document,
    root,
    bytes,
    tailBytes,
  }: Pick<LoadedFile, 'document' | 'root'> & NonNullable<LoadedFile['written']>,
): void {
  const path = statePath(workspace, file);
  const key = `state:${file.relativePath}`;
  // What this change was computed from: the section has loaded it, or found nothing there.
  const before = (workspace.cache.get(key) as LoadedFile | undefined)?.identity;
  workspace.cache.delete(key);
  const beforeRename = (): void => {
    lock.assertHeld();
    assertUnchanged(workspace.fs, path, before);
  };
  const identity = writeFileDurable(workspace.fs, path, bytes, {
    beforeRename,
    durable: file.isEphemeral !== true,
  });
  if (identity !== undefined) {
    const items = document.records.map((record) => record.value);
    const written = { bytes, tailBytes };
    workspace.cache.set(key, { document, root, items, identity, written } satisfies LoadedFile);
  }
  keepLastGood(workspace, file.relativePath, bytes);
}

/** The members of a document besides its list, parsed. */
function rootOf(document: JsonDocument): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [key, text] of document.members)
    if (key !== document.listKey) entries.push([key, JSON.parse(text)]);
  return Object.fromEntries(entries);
}

/** The bytes of a state file; undefined when there is none. Throws STATE_DAMAGED for what is no file, or IO_FAILED. */
export function readStateBytes(
  workspace: Workspace,
  file: StateFile,
): { bytes: Buffer; identity: FileIdentity } | undefined {
  try {
    return readRegularFile(workspace.fs, statePath(workspace, file));
  } catch (error) {
    // A disk or a permission that fails says nothing about the file, nor does its size: it is not to be taken for
    // damaged, and repair is not to move it away.
    if (!(error instanceof NexoError) || error.code !== 'PATH_NOT_A_FILE') throw error;
    throw damaged(file, error.message, error);
  }
}

/** The readable beginning of a state file that is damaged: the members and records that its schemas accept. */
export function salvageState(file: StateFile, text: string): JsonDocument {
  const { members, listKey, records } = salvageDocument(text, file.listKey, file.maxDepth);
  return {
    members: file.root?.safeParse(rootOf({ members, listKey, records: [] })).success ? members : new Map(),
    listKey,
    records: records.filter(({ value }) => file.record.safeParse(value).success),
  };
}

function salvageReadable<F extends StateFile>(
  workspace: Workspace,
  file: F,
): { root: Partial<RootOf<F>>; items: ItemOf<F>[] } {
  try {
    const text = readRegularFile(workspace.fs, statePath(workspace, file))?.bytes.toString('utf8') ?? '';
    const document = salvageState(file, text);
    // The schemas of `file` have just accepted these values.
    const items = document.records.map(({ value }) => value as ItemOf<F>);
    return { root: rootOf(document) as Partial<RootOf<F>>, items };
  } catch (error) {
    // Unreadable as a file: there is nothing to answer with.
    if (error instanceof NexoError) return { root: {}, items: [] };
    throw error;
  }
}

export function damaged(file: StateFile, reason: string, cause?: unknown): NexoError {
  const message = reason.includes(file.relativePath) ? reason : `${file.relativePath} ${reason}.`;
  return new NexoError('STATE_DAMAGED', message, {
    hint: 'Nothing was changed. Run `nexo repair --dry-run` to see what can be restored, then `nexo repair`.',
    data: { path: file.relativePath, reason },
    cause,
  });
}

function describeFault(error: CheckFault, prefix = ''): string {
  const issue = error.issues[0];
  const path = [prefix, ...(issue?.path.map(String) ?? [])].filter((part) => part !== '').join('.');
  return `has an unusable value at ${path === '' ? 'its root' : path}: ${issue?.message ?? 'wrong type'}`;
}

/**
 * The document with some members of one record changed, and that record's new value. What is not changed keeps its
 * text. Throws STATE_DAMAGED when the record names a key twice: nobody can say which of the two is meant.
 */
export function changeRecordAt<Item extends object>(
  file: StateFile,
  { document }: { document: JsonDocument; items: readonly Item[] },
  index: number,
  changes: Readonly<Record<string, unknown>>,
): { document: JsonDocument; value: Item } {
  try {
    const before = document.records[index] ?? { text: '{}', value: {} };
    const record = changeRecord(before, changes, file.listKey);
    const records = document.records.with(index, record);
    // It was an item before; the changes are ours.
    return { document: { ...document, records }, value: record.value as Item };
  } catch (error) {
    if (error instanceof JsonFault) throw damaged(file, `${error.message} in record ${index}`);
    throw error;
  }
}
