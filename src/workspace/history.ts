import type { FileIdentity } from '../base/durable-file.ts';
import {
  assertUnchanged,
  identifyFile,
  isSameIdentity,
  writeFileDurable,
  writeTailDurable,
} from '../base/durable-file.ts';
import { findListTail, type JsonRecord, type ListTail, renderDocumentParts } from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { HistoryBackup } from './history-backup.ts';
import { readHistoryIndex, writeHistoryIndex } from './history-index.ts';
import { assertWritableVersion, loadState, parseState, readStateBytes, statePath } from './state-files.ts';
import { HISTORY_FILE } from './state-kinds.ts';
import type { CycleRead } from './state-schemas.ts';
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
export function appendCycle(workspace: Workspace, lock: HeldLock, cycle: JsonRecord): number {
  const index = loadHistoryIndex(workspace);
  const backup = new HistoryBackup(workspace);
  const beforeRename = (): void => {
    lock.assertHeld();
    assertUnchanged(workspace.fs, statePath(workspace, HISTORY_FILE), index?.identity);
    if (index !== undefined) backup.prepare();
  };
  workspace.cache.delete(CACHE_KEY);
  try {
    const { identity, tail } =
      index?.tail === undefined
        ? writeFirstCycle(workspace, cycle, beforeRename)
        : writeNextCycle(workspace, { ...index, tail: index.tail }, cycle, beforeRename);
    const cycles = (index?.cycles ?? 0) + 1;
    if (identity !== undefined) {
      const highestPlanId = Math.max(index?.highestPlanId ?? 0, planIdOf(cycle.value));
      const next: HistoryIndex = { identity, cycles, highestPlanId, tail };
      workspace.cache.set(CACHE_KEY, next);
      writeHistoryIndex(workspace, next);
    }
    backup.keep(cycle.text);
    return cycles;
  } finally {
    backup.discard();
  }
}

interface Appended {
  readonly identity: FileIdentity | undefined;
  readonly tail: ListTail;
}

/** Writes the file whole: it is new, or has no list yet. */
function writeFirstCycle(workspace: Workspace, cycle: JsonRecord, beforeRename: () => void): Appended {
  const members = loadState(workspace, HISTORY_FILE)?.document.members ?? new Map<string, string>();
  const document = { members, listKey: HISTORY_FILE.listKey, records: [cycle] };
  const { untilListEnd, tail } = renderDocumentParts(document);
  const path = statePath(workspace, HISTORY_FILE);
  const identity = writeFileDurable(workspace.fs, path, untilListEnd + tail, { beforeRename });
  return { identity, tail: { text: tail, isEmpty: false } };
}

/** Puts the cycle between the last one and what follows the list; everything before stays as it is, to the byte. */
function writeNextCycle(
  workspace: Workspace,
  index: { identity: FileIdentity; tail: ListTail },
  cycle: JsonRecord,
  beforeRename: () => void,
): Appended {
  const { text, isEmpty } = index.tail;
  const rest = isEmpty ? `\n  ${text.trimStart()}` : text;
  const keepBytes = Number(index.identity.size) - Buffer.byteLength(text);
  const tail = Buffer.from(`${isEmpty ? '' : ','}\n    ${cycle.text}${rest}`);
  const path = statePath(workspace, HISTORY_FILE);
  const change = { keepBytes, tail, expected: index.identity };
  const identity = writeTailDurable(workspace.fs, path, change, { beforeRename });
  return { identity, tail: { text: rest, isEmpty: false } };
}

/** The plan's number in a cycle; 0 when there is none that counts. */
function planIdOf(cycle: unknown): number {
  const id = (cycle as CycleRead).plan?.id;
  return id !== undefined && Number.isSafeInteger(id) && id > 0 ? id : 0;
}

/** The newest `count` cycles, oldest first; reads the whole file, so it is for rare use. Throws STATE_DAMAGED. */
export function loadLastCycles(workspace: Workspace, count: number): CycleRead[] {
  const bytes = readStateBytes(workspace, HISTORY_FILE)?.bytes;
  if (bytes === undefined) return [];
  // The file's own schema has just checked each item.
  return parseState(HISTORY_FILE, bytes).items.slice(-count) as CycleRead[];
}

function indexWholeFile(workspace: Workspace): HistoryIndex | undefined {
  const file = readStateBytes(workspace, HISTORY_FILE);
  if (file === undefined) return undefined;
  const { root, items } = parseState(HISTORY_FILE, file.bytes);
  assertWritableVersion(HISTORY_FILE, root);
  const highestPlanId = items.reduce<number>((highest, cycle) => Math.max(highest, planIdOf(cycle)), 0);
  const tail = findListTail(file.bytes.toString('utf8'), HISTORY_FILE.listKey);
  return { identity: file.identity, cycles: items.length, highestPlanId, tail };
}
