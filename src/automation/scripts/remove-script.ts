import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { type Clock, systemClock } from '../../base/clock.ts';
import { nodeFileSystem } from '../../base/durable-file.ts';
import { ioError } from '../../base/file-errors.ts';
import { syncFolder } from '../../base/folder.ts';
import type { HomePaths } from '../../home/paths.ts';
import { discoverScripts, type ScriptEntry } from './discover.ts';
import { type SyncResult, syncScripts, takeOutOfUse } from './registry.ts';
import { resolvePersonal } from './resolve-script.ts';
import { moveToTrash, type Trashed } from './trash.ts';

/** What was taken away of one schedule. */
export interface RemovedSchedule {
  readonly cron_id: string;
  readonly backend?: string;
  /** Files that were deleted. */
  readonly deleted?: readonly string[];
}

export interface RemoveOptions {
  readonly name: string;
  /** What becomes of the file: into the trash, left where it is and out of use, or gone for good. */
  readonly file: 'trash' | 'keep' | 'delete';
  /** Takes the schedules of a script away, units and all. */
  unschedule(entry: ScriptEntry): Promise<readonly RemovedSchedule[]>;
  readonly clock?: Clock;
}

export interface Removed {
  readonly ok: true;
  readonly script: string;
  readonly path: string;
  readonly deleted_file: boolean;
  readonly keep_file: boolean;
  /** Where the file is now, and how it comes back; null when it was kept or deleted. */
  readonly trash: Trashed | null;
  readonly unschedule: { readonly removed_schedules: readonly RemovedSchedule[] };
  readonly sync: SyncResult;
}

/**
 * Takes a personal script out of use: first its schedules, so that nothing fires in between, then its file.
 * Throws SCRIPT_NOT_FOUND, SCRIPT_PROTECTED, IO_FAILED.
 */
export async function removeScript(
  database: DatabaseSync,
  paths: HomePaths,
  { name, file, unschedule, clock = systemClock }: RemoveOptions,
): Promise<Removed> {
  const { entry } = resolvePersonal(paths, name);
  syncScripts(database, discoverScripts(paths), paths, { clock });
  const removed = await unschedule(entry);
  if (file === 'keep') takeOutOfUse(database, entry.path, clock);
  if (file === 'delete') deleteFile(entry.path);
  const trash = file === 'trash' ? moveToTrash(paths, entry.path, clock) : null;
  return {
    ok: true,
    script: entry.name,
    path: entry.path,
    deleted_file: file === 'delete',
    keep_file: file === 'keep',
    trash,
    unschedule: { removed_schedules: removed },
    sync: syncScripts(database, discoverScripts(paths), paths, { clock }),
  };
}

function deleteFile(path: string): void {
  try {
    rmSync(path);
    syncFolder(nodeFileSystem, dirname(path));
  } catch (error) {
    throw ioError(path, 'delete', error);
  }
}
