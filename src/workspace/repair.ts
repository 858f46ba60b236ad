import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { ensureFolder, moveFileDurable, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { randomHex } from '../base/ids.ts';
import {
  createRecord,
  decodeUtf8,
  type JsonRecord,
  parseDocument,
  renderDocument,
  salvageRecords,
} from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { withLock } from '../base/lock.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { LAST_CYCLE_NAME } from './history-backup.ts';
import { readCommittedHistory } from './history-git.ts';
import { lastGoodPath } from './last-good.ts';
import { listNamespaces } from './namespaces.ts';
import {
  HISTORY_FILE,
  PLAN_FILE,
  parseState,
  type StateFile,
  statePath,
  stateProblem,
  TASKS_FILE,
  trackerFile,
} from './state-files.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

export interface RepairFinding {
  /** Path from the project root. */
  readonly file: string;
  readonly problem: string;
  /** Where the damaged file is, or would be, set aside, byte for byte. */
  readonly movedTo?: string;
  /** Where the content that takes its place comes from; absent when the file is left missing. */
  readonly restoredFrom?: 'last good copy' | 'git' | 'readable part';
  /** Number of records in the restored file. */
  readonly records?: number;
  /** Why this file is left alone. */
  readonly left?: string;
}

interface Candidate {
  readonly source: NonNullable<RepairFinding['restoredFrom']>;
  readonly text: string;
  readonly records: number;
}

/**
 * Finds state files that cannot be understood, sets each aside and restores the last good copy: of the candidates the
 * one with the most records. A dry run only says what would be done. Nothing is deleted, ever.
 */
export async function repairWorkspace(
  workspace: Workspace,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<{ findings: RepairFinding[] }> {
  const { root, fs } = workspace;
  if (
    fs.lstatSync(workspacePaths.state(root), { throwIfNoEntry: false }) === undefined &&
    !hasProblem(workspace, HISTORY_FILE)
  ) {
    return { findings: [] };
  }
  assertInside(root, workspacePaths.own(root));
  const files = [PLAN_FILE, TASKS_FILE, HISTORY_FILE, ...listNamespaces(workspace).map(trackerFile)];
  if (dryRun) return { findings: files.flatMap((file) => examine(workspace, file)?.finding ?? []) };
  ensureFolder(fs, workspacePaths.own(root));
  const timeout = workspace.lockTimeoutMs === undefined ? {} : { timeoutMs: workspace.lockTimeoutMs };
  return withLock(
    workspacePaths.lock(root),
    (lock) => ({ findings: files.flatMap((file) => repairFile(workspace, lock, file) ?? []) }),
    timeout,
  );
}

function hasProblem(workspace: Workspace, file: StateFile): boolean {
  return stateProblem(workspace, file) !== undefined;
}

function repairFile(workspace: Workspace, lock: HeldLock, file: StateFile): RepairFinding | undefined {
  const examined = examine(workspace, file);
  if (examined === undefined || examined.finding.movedTo === undefined) return examined?.finding;
  lock.assertHeld();
  ensureFolder(workspace.fs, damagedFolder(workspace));
  const path = statePath(workspace, file);
  moveFileDurable(workspace.fs, path, join(workspace.root, examined.finding.movedTo));
  workspace.cache.clear();
  if (examined.candidate !== undefined) writeFileDurable(workspace.fs, path, examined.candidate.text);
  return examined.finding;
}

function examine(
  workspace: Workspace,
  file: StateFile,
): { finding: RepairFinding; candidate?: Candidate | undefined } | undefined {
  const problem = stateProblem(workspace, file);
  if (problem === undefined) return undefined;
  const base = { file: file.relativePath, problem: problem.message };
  // A newer release's file is fine: it is this release that is too old for it.
  if (problem.code !== 'STATE_DAMAGED')
    return { finding: { ...base, left: problem.hint ?? 'It cannot be repaired.' } };
  const candidate = bestCandidate(workspace, file);
  const stamp = new Date(workspace.clock.now()).toISOString().replaceAll(/[:.]/g, '-');
  const name = `${stamp}-${randomHex(2)}-${basename(file.relativePath)}`;
  const movedTo = `.nexus/state/nexo/damaged/${name}`;
  const restored =
    candidate === undefined ? {} : { restoredFrom: candidate.source, records: candidate.records };
  return { finding: { ...base, movedTo, ...restored }, candidate };
}

function bestCandidate(workspace: Workspace, file: StateFile): Candidate | undefined {
  const candidates = [
    lastGoodCandidate(workspace, file),
    file === HISTORY_FILE ? gitCandidate(workspace) : undefined,
    salvageCandidate(workspace, file),
  ].filter((candidate) => candidate !== undefined);
  // Earlier ones win ties: they are whole files, the readable part may not be.
  return candidates.reduce<Candidate | undefined>(
    (best, candidate) => (best === undefined || candidate.records > best.records ? candidate : best),
    undefined,
  );
}

function lastGoodCandidate(workspace: Workspace, file: StateFile): Candidate | undefined {
  const text = readText(workspace, lastGoodPath(workspace, file.relativePath));
  if (file !== HISTORY_FILE)
    return text === undefined ? undefined : toCandidate(file, 'last good copy', text);
  // The copy is the version before the last append; the cycle of that append lies beside it.
  const cycle = readText(workspace, join(workspacePaths.lastGood(workspace.root), LAST_CYCLE_NAME));
  if (cycle === undefined) return text === undefined ? undefined : toCandidate(file, 'last good copy', text);
  try {
    const document = parseDocument(text ?? '{"cycles":[]}', file.listKey);
    const last = { text: cycle, value: JSON.parse(cycle) as unknown };
    const isThere = document.records.some((record) => record.text === cycle);
    const records: JsonRecord[] = isThere ? document.records : [...document.records, last];
    return toCandidate(file, 'last good copy', renderDocument({ ...document, records }));
  } catch {
    // A torn copy after a power cut: the other candidates remain.
    return undefined;
  }
}

function gitCandidate(workspace: Workspace): Candidate | undefined {
  const text = readCommittedHistory(workspace.root);
  return text === undefined ? undefined : toCandidate(HISTORY_FILE, 'git', text);
}

/** Whole records from the beginning of the damaged file itself. Only lists make sense without their root's members. */
function salvageCandidate(workspace: Workspace, file: StateFile): Candidate | undefined {
  if (file === PLAN_FILE) return undefined;
  const damaged = readText(workspace, statePath(workspace, file));
  if (damaged === undefined) return undefined;
  const records = salvageRecords(damaged, file.listKey)
    .filter(({ value }) => file.record.safeParse(value).success)
    .map(({ value }) => createRecord(value, file.listKey));
  if (records.length === 0) return undefined;
  const members =
    file === TASKS_FILE
      ? new Map([
          ['goal', '""'],
          ['decisions', '[]'],
        ])
      : new Map<string, string>();
  return toCandidate(file, 'readable part', renderDocument({ members, listKey: file.listKey, records }));
}

function toCandidate(file: StateFile, source: Candidate['source'], text: string): Candidate | undefined {
  try {
    return { source, text, records: parseState(file, Buffer.from(text)).items.length };
  } catch (error) {
    if (error instanceof NexoError) return undefined;
    throw error;
  }
}

function readText(workspace: Workspace, path: string): string | undefined {
  try {
    const bytes = readRegularFile(workspace.fs, path)?.bytes;
    return bytes && decodeUtf8(bytes);
  } catch {
    // Not a file, not text: no candidate.
    return undefined;
  }
}

function damagedFolder(workspace: Workspace): string {
  const folder = join(workspacePaths.own(workspace.root), 'damaged');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
