import * as z from 'zod';

import {
  assertUnchanged,
  readRegularFile,
  removeFileDurable,
  writeFileDurable,
} from '../base/durable-file.ts';
import type { JsonRecord } from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { hasUnfinishedArchive } from './archive-journal.ts';
import { appendCycle, loadHistoryIndex, loadLastCycles } from './history.ts';
import { forgetLastGood, sha256Of } from './last-good.ts';
import { type LoadedFile, type StateFile, statePath } from './state-files.ts';
import { PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
import { CycleReadSchema } from './state-schemas.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Note left while plan and tasks move into the history: which files go once the cycle is durable there. */
const JournalSchema = z.strictObject({
  version: z.literal(1),
  completed_at: z.string(),
  cycle_sha256: z.string(),
  sources: z.array(z.strictObject({ file: z.enum(['plan.json', 'tasks.json']), sha256: z.string() })),
});
type Journal = z.infer<typeof JournalSchema>;

const SOURCES: Readonly<Record<Journal['sources'][number]['file'], StateFile>> = {
  'plan.json': PLAN_FILE,
  'tasks.json': TASKS_FILE,
};

export type SourceName = keyof typeof SOURCES;

/** A file that goes into the history, as it was loaded. */
export interface ArchiveSource {
  readonly name: SourceName;
  readonly loaded: LoadedFile<object>;
}

/**
 * Moves work into the history: appends the cycle, and only when that is durable lets `settle` replace the sources, or
 * else removes them. A crash at any point leaves either nothing done or a journal from which `finishArchive` completes
 * the move. Returns the number of cycles afterwards and the sources that were removed.
 */
export function archive(
  workspace: Workspace,
  lock: HeldLock,
  { cycle, sources, settle }: { cycle: JsonRecord; sources: readonly ArchiveSource[]; settle?: () => void },
): { total: number; deleted: string[] } {
  // A history that cannot take the cycle is found out before anything is noted or written.
  loadHistoryIndex(workspace);
  const noted = sources.map((source) => ({ file: source.name, sha256: hashLoaded(workspace, source) }));
  const journal: Journal = {
    version: 1,
    completed_at: CycleReadSchema.parse(cycle.value).completed_at ?? '',
    cycle_sha256: hashCycle(cycle.value),
    sources: noted,
  };
  const path = workspacePaths.archiveJournal(workspace.root);
  if (sources.length > 0) writeFileDurable(workspace.fs, path, `${JSON.stringify(journal)}\n`);
  const total = appendCycle(workspace, lock, cycle);
  const deleted = settle === undefined ? removeSources(workspace, lock, noted) : [];
  settle?.();
  if (sources.length > 0) forgetJournal(workspace, path);
  return { total, deleted };
}

/**
 * Completes an archive that a crash cut short: when its cycle reached the history, the sources that still have the
 * archived content are removed; when it did not, nothing has happened and only the journal goes.
 * Throws STATE_DAMAGED when the history cannot tell. Only under the workspace's lock.
 */
export function finishArchive(workspace: Workspace, lock: HeldLock): void {
  if (!hasUnfinishedArchive(workspace)) return;
  const path = workspacePaths.archiveJournal(workspace.root);
  const journal = readJournal(workspace, path);
  lock.assertHeld();
  if (journal !== undefined && isArchived(workspace, journal))
    removeSources(workspace, lock, journal.sources);
  removeFileDurable(workspace.fs, path);
}

/** Removes the sources that still are what was archived, with their restore points. Returns the names of those. */
function removeSources(workspace: Workspace, lock: HeldLock, sources: Journal['sources']): string[] {
  return sources.flatMap(({ file: name, sha256 }) => {
    const file = SOURCES[name];
    forgetLastGood(workspace, file.relativePath, sha256);
    // Somebody who takes no lock of ours may have put other work there.
    if (hashSource(workspace, name) !== sha256) return [];
    lock.assertHeld();
    workspace.cache.delete(`state:${file.relativePath}`);
    return removeFileDurable(workspace.fs, statePath(workspace, file)) ? [name] : [];
  });
}

/** The archive is complete; a journal that stays costs the next change one look at the history. */
function forgetJournal(workspace: Workspace, path: string): void {
  try {
    workspace.fs.unlinkSync(path);
  } catch {
    // Finishing again finds nothing to do.
  }
}

/** The journal is written whole or not at all, so one that does not parse is not ours and means nothing. */
function readJournal(workspace: Workspace, path: string): Journal | undefined {
  try {
    const bytes = readRegularFile(workspace.fs, path)?.bytes;
    return bytes === undefined ? undefined : JournalSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof NexoError && error.code === 'IO_FAILED') throw error;
    return undefined;
  }
}

/** Cycles that others may have appended since the crash without our lock, and that are looked past. */
const LOOK_BACK = 50;

function isArchived(workspace: Workspace, journal: Journal): boolean {
  return loadLastCycles(workspace, LOOK_BACK).some(
    (cycle) => cycle.completed_at === journal.completed_at && hashCycle(cycle) === journal.cycle_sha256,
  );
}

function hashCycle(cycle: unknown): string {
  return sha256Of(JSON.stringify(cycle));
}

/** The hash of a source's bytes; throws FILE_CHANGED when they are not those that the cycle was made of. */
function hashLoaded(workspace: Workspace, { name, loaded }: ArchiveSource): string {
  const hash = hashSource(workspace, name) ?? '';
  assertUnchanged(workspace.fs, statePath(workspace, SOURCES[name]), loaded.identity);
  return hash;
}

function hashSource(workspace: Workspace, name: SourceName): string | undefined {
  const bytes = readRegularFile(workspace.fs, statePath(workspace, SOURCES[name]))?.bytes;
  return bytes && sha256Of(bytes);
}
