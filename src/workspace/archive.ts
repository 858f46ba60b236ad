import { createHash } from 'node:crypto';
import * as z from 'zod';

import { readRegularFile, removeFileDurable, writeFileDurable } from '../base/durable-file.ts';
import type { HeldLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { hasUnfinishedArchive } from './archive-journal.ts';
import { appendCycle, loadLastCycles } from './history.ts';
import { forgetLastGood } from './last-good.ts';
import { PLAN_FILE, type StateFile, statePath, TASKS_FILE } from './state-files.ts';
import type { Cycle } from './state-schemas.ts';
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

/**
 * Moves work into the history: appends the cycle, and only when that is durable lets `settle` take the sources away.
 * A crash at any point leaves either nothing done or a journal from which `finishArchive` completes the move.
 * Returns the number of cycles afterwards.
 */
export function archive(
  workspace: Workspace,
  lock: HeldLock,
  { cycle, sources, settle }: { cycle: Cycle; sources: readonly SourceName[]; settle: () => void },
): number {
  const journal: Journal = {
    version: 1,
    completed_at: cycle.completed_at,
    cycle_sha256: hashCycle(cycle),
    sources: sources.map((file) => ({ file, sha256: hashSource(workspace, file) ?? '' })),
  };
  const path = workspacePaths.archiveJournal(workspace.root);
  if (sources.length > 0) writeFileDurable(workspace.fs, path, `${JSON.stringify(journal)}\n`);
  const total = appendCycle(workspace, lock, cycle);
  settle();
  if (sources.length > 0) workspace.fs.unlinkSync(path);
  return total;
}

/** Removes an archived source and its restore point. Returns whether it was there. */
export function removeSource(workspace: Workspace, name: SourceName): boolean {
  const file = SOURCES[name];
  workspace.cache.delete(`state:${file.relativePath}`);
  const removed = removeFileDurable(workspace.fs, statePath(workspace, file));
  forgetLastGood(workspace, file.relativePath);
  return removed;
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
  if (journal !== undefined && isArchived(workspace, journal)) {
    for (const { file, sha256 } of journal.sources) {
      if (hashSource(workspace, file) === sha256) removeSource(workspace, file);
    }
  }
  removeFileDurable(workspace.fs, path);
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

function hashCycle(cycle: object): string {
  return createHash('sha256').update(JSON.stringify(cycle)).digest('hex');
}

function hashSource(workspace: Workspace, name: SourceName): string | undefined {
  const bytes = readRegularFile(workspace.fs, statePath(workspace, SOURCES[name]))?.bytes;
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
