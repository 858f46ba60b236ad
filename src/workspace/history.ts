import type { FileIdentity } from '../base/durable-file.ts';
import {
  identifyFile,
  isSameIdentity,
  readRegularFile,
  writeFileDurable,
  writeTailDurable,
} from '../base/durable-file.ts';
import { createRecord, findListTail, type ListTail, renderDocument } from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { keepHistoryVersion } from './history-backup.ts';
import { readHistoryIndex, writeHistoryIndex } from './history-index.ts';
import { assertWritableVersion, HISTORY_FILE, loadState, parseState, statePath } from './state-files.ts';
import type { Cycle, CycleRead } from './state-schemas.ts';
import type { Workspace } from './workspace.ts';

/** What an append needs to know of the history, without its cycles. */
export interface HistoryIndex {
  readonly identity: FileIdentity;
  readonly cycles: number;
  /** Highest `plan.id` of any cycle; 0 when there is none. */
  readonly highestPlanId: number;
  /** What follows the last cycle, or undefined when the file has no list yet and is rewritten whole. */
  readonly tail: ListTail | undefined;
}

const CACHE_KEY = 'history-index';

/**
 * The index of the history as it is now, or undefined when there is no file. Costs one look at an unchanged file, in
 * any process: it is kept in memory and beside the lock. Throws STATE_DAMAGED or STATE_TOO_NEW.
 */
export function loadHistoryIndex(workspace: Workspace): HistoryIndex | undefined {
  const path = statePath(workspace, HISTORY_FILE);
  const identity = identifyFile(workspace.fs, path);
  const cached = workspace.cache.get(CACHE_KEY) as HistoryIndex | undefined;
  if (identity !== undefined && isSameIdentity(cached?.identity, identity)) return cached;
  const stored = identity === undefined ? undefined : readHistoryIndex(workspace, identity);
  const index = stored ?? indexWholeFile(workspace);
  workspace.cache.set(CACHE_KEY, index);
  return index;
}

/** Appends one cycle durably. Only under the workspace's lock. Returns the number of cycles afterwards. */
export function appendCycle(workspace: Workspace, lock: HeldLock, cycle: Cycle): number {
  const { fs } = workspace;
  const path = statePath(workspace, HISTORY_FILE);
  const index = loadHistoryIndex(workspace);
  const record = createRecord(cycle, HISTORY_FILE.listKey);
  const beforeRename = (): void => {
    lock.assertHeld();
    keepHistoryVersion(workspace, index !== undefined, record.text);
  };
  workspace.cache.delete(CACHE_KEY);
  let tail: ListTail;
  if (index?.tail === undefined) {
    const existing = index === undefined ? undefined : loadState(workspace, HISTORY_FILE)?.document;
    const document = {
      members: existing?.members ?? new Map<string, string>(),
      listKey: HISTORY_FILE.listKey,
      records: [record],
    };
    const text = renderDocument(document);
    writeFileDurable(fs, path, text, { beforeRename });
    tail = { text: text.slice(text.indexOf(record.text) + record.text.length), isEmpty: false };
  } else {
    tail = {
      text: index.tail.isEmpty ? `\n  ${index.tail.text.trimStart()}` : index.tail.text,
      isEmpty: false,
    };
    const keepBytes = Number(index.identity.size) - Buffer.byteLength(index.tail.text);
    const inserted = `${index.tail.isEmpty ? '' : ','}\n    ${record.text}${tail.text}`;
    writeTailDurable(fs, path, { keepBytes, tail: Buffer.from(inserted) }, { beforeRename });
  }
  const identity = identifyFile(fs, path);
  const cycles = (index?.cycles ?? 0) + 1;
  if (identity !== undefined) {
    const highestPlanId = Math.max(index?.highestPlanId ?? 0, cycle.plan?.id ?? 0);
    const next: HistoryIndex = { identity, cycles, highestPlanId, tail };
    workspace.cache.set(CACHE_KEY, next);
    writeHistoryIndex(workspace, next);
  }
  return cycles;
}

/** The newest `count` cycles, oldest first; reads the whole file, so it is for rare use. Throws STATE_DAMAGED. */
export function loadLastCycles(workspace: Workspace, count: number): CycleRead[] {
  const bytes = readRegularFile(workspace.fs, statePath(workspace, HISTORY_FILE))?.bytes;
  if (bytes === undefined) return [];
  // The file's own schema has just checked each item.
  return parseState(HISTORY_FILE, bytes).items.slice(-count) as CycleRead[];
}

function indexWholeFile(workspace: Workspace): HistoryIndex | undefined {
  const path = statePath(workspace, HISTORY_FILE);
  const file = readHistoryBytes(workspace, path);
  if (file === undefined) return undefined;
  const { root, items } = parseState(HISTORY_FILE, file.bytes);
  assertWritableVersion(HISTORY_FILE, root);
  let highestPlanId = 0;
  for (const cycle of items as readonly CycleRead[]) {
    const id = cycle.plan?.id;
    if (id !== undefined && Number.isSafeInteger(id) && id > highestPlanId) highestPlanId = id;
  }
  const tail = findListTail(file.bytes.toString('utf8'), HISTORY_FILE.listKey);
  return { identity: file.identity, cycles: items.length, highestPlanId, tail };
}

function readHistoryBytes(
  workspace: Workspace,
  path: string,
): { bytes: Buffer; identity: FileIdentity } | undefined {
  try {
    return readRegularFile(workspace.fs, path);
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    throw new NexoError('STATE_DAMAGED', error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      data: { path: HISTORY_FILE.relativePath },
      cause: error,
    });
  }
}
