import { join } from 'node:path';

import { readRegularFile } from '../base/durable-file.ts';
import { decodeUtf8, parseDocument, renderDocument } from '../base/json-document.ts';
import { NexoError } from '../errors.ts';
import { LAST_CYCLE_NAME } from './history-backup.ts';
import { readCommittedHistory } from './history-git.ts';
import { lastGoodPath } from './last-good.ts';
import {
  type LoadedFile,
  parseState,
  type StateFile,
  salvageState,
  statePath,
  stateProblem,
} from './state-files.ts';
import { HISTORY_FILE, PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
import { type CycleRead, CycleReadSchema } from './state-schemas.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Content that can take a damaged file's place. */
export interface RestorePoint {
  readonly source: 'last good copy' | 'git' | 'readable part';
  readonly text: string;
  /** Number of records in it. */
  readonly records: number;
}

/**
 * The restore point with the most records, or undefined. Work that the history has is closed and never restored.
 * Throws IO_FAILED when one that is there cannot be read.
 */
export function findRestorePoint(workspace: Workspace, file: StateFile): RestorePoint | undefined {
  const points = [
    lastGood(workspace, file),
    file === HISTORY_FILE ? committed(workspace) : undefined,
    readablePart(workspace, file),
  ].filter((point) => point !== undefined);
  // Earlier ones win ties: they are whole files, the readable part may not be.
  return points.reduce<RestorePoint | undefined>(
    (best, point) => (best === undefined || point.records > best.records ? point : best),
    undefined,
  );
}

function lastGood(workspace: Workspace, file: StateFile): RestorePoint | undefined {
  const text = readText(workspace, lastGoodPath(workspace, file.relativePath));
  const whole = file === HISTORY_FILE ? withLastCycle(workspace, text) : text;
  return whole === undefined ? undefined : toRestorePoint(workspace, file, 'last good copy', whole);
}

/** The copy is the version before the last append; the cycle of that append lies beside it. */
function withLastCycle(workspace: Workspace, text: string | undefined): string | undefined {
  const cycle = readText(workspace, join(workspacePaths.lastGood(workspace.root), LAST_CYCLE_NAME));
  if (cycle === undefined) return text;
  try {
    const document = parseDocument(text ?? '{"cycles":[]}', HISTORY_FILE.listKey, HISTORY_FILE.maxDepth);
    const last = { text: cycle, value: JSON.parse(cycle) as unknown };
    const isThere = document.records.some((record) => record.text === cycle);
    return renderDocument({ ...document, records: isThere ? document.records : [...document.records, last] });
  } catch {
    // A copy that a power cut tore: the other restore points remain.
    return text;
  }
}

function committed(workspace: Workspace): RestorePoint | undefined {
  const text = readCommittedHistory(workspace.root);
  return text === undefined ? undefined : toRestorePoint(workspace, HISTORY_FILE, 'git', text);
}

/** The beginning of the damaged file itself, as far as it goes. */
function readablePart(workspace: Workspace, file: StateFile): RestorePoint | undefined {
  const text = readText(workspace, statePath(workspace, file));
  if (text === undefined) return undefined;
  const document = salvageState(file, text);
  if (document.records.length === 0) return undefined;
  const members = file === TASKS_FILE ? new Map([...NO_GOAL, ...document.members]) : document.members;
  return toRestorePoint(workspace, file, 'readable part', renderDocument({ ...document, members }));
}

const NO_GOAL: readonly (readonly [string, string])[] = [
  ['goal', '""'],
  ['decisions', '[]'],
];

function toRestorePoint(
  workspace: Workspace,
  file: StateFile,
  source: RestorePoint['source'],
  text: string,
): RestorePoint | undefined {
  try {
    const content = parseState(file, Buffer.from(text));
    if (isClosed(workspace, file, content)) return undefined;
    return { source, text, records: content.items.length };
  } catch (error) {
    if (error instanceof NexoError && error.code === 'STATE_DAMAGED') return undefined;
    throw error;
  }
}

/** Whether this plan, or one of these tasks, went into the history: a copy may have outlived its file. */
function isClosed(
  workspace: Workspace,
  file: StateFile,
  { root, items }: Pick<LoadedFile, 'root' | 'items'>,
): boolean {
  if (file !== PLAN_FILE && file !== TASKS_FILE) return false;
  const cycles = readCycles(workspace);
  if (file === PLAN_FILE) return cycles.some(({ plan }) => plan && fingerprint(plan) === fingerprint(root));
  const closed = new Set(cycles.flatMap(({ tasks }) => (tasks ?? []).map(fingerprint)));
  return items.some((task) => closed.has(fingerprint(task as Record<string, unknown>)));
}

/** What of a plan or a task stays the same from its first day on. */
function fingerprint({ id, created_at, topic, title, context }: Record<string, unknown>): string {
  return JSON.stringify([id, created_at, topic, title, context]);
}

function readCycles(workspace: Workspace): CycleRead[] {
  // A history that is damaged as well is restored first: what it will hold is closed.
  const isDamaged = stateProblem(workspace, HISTORY_FILE)?.code === 'STATE_DAMAGED';
  const restored = isDamaged ? findRestorePoint(workspace, HISTORY_FILE)?.text : undefined;
  const text = restored ?? readText(workspace, statePath(workspace, HISTORY_FILE)) ?? '';
  return salvageState(HISTORY_FILE, text).records.map(({ value }) => CycleReadSchema.parse(value));
}

function readText(workspace: Workspace, path: string): string | undefined {
  try {
    const bytes = readRegularFile(workspace.fs, path)?.bytes;
    return bytes && decodeUtf8(bytes);
  } catch (error) {
    // Not a file, not text: nothing to restore from. A disk that fails now may give it back later.
    if (error instanceof NexoError && error.code === 'IO_FAILED') throw error;
    return undefined;
  }
}
