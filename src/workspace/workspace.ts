import { join } from 'node:path';

import { type Clock, systemClock } from '../base/clock.ts';
import { type FileSystem, nodeFileSystem } from '../base/durable-file.ts';
import { NexoError } from '../errors.ts';

/** One project's `.nexus/`, as one process sees it. Holds no open resource but caches; never touches the disk itself. */
export interface Workspace {
  /** Absolute path of the project root, the folder that holds `.nexus/`. */
  readonly root: string;
  /** Namespace below `.nexus/state/` for files of this harness. */
  readonly harnessId: string;
  readonly clock: Clock;
  readonly fs: FileSystem;
  readonly lockTimeoutMs: number | undefined;
  /** What this process remembers of unchanged files; each entry belongs to the module that made its key. */
  readonly cache: Map<string, unknown>;
}

export interface WorkspaceOptions {
  harnessId?: string;
  clock?: Clock;
  fs?: FileSystem;
  /** How long a change waits for other processes, in milliseconds. Default 10 s. */
  lockTimeoutMs?: number;
}

/** Namespace of the command line, the server without a harness, and our own caches. */
export const OWN_HARNESS_ID = 'nexo';

const HARNESS_ID = /^[a-z][a-z0-9-]*$/;

/** Opens the workspace of the project at `root`. Throws HARNESS_ID_INVALID. */
export function openWorkspace(root: string, options: WorkspaceOptions = {}): Workspace {
  return {
    root,
    harnessId: checkHarnessId(options.harnessId ?? OWN_HARNESS_ID),
    clock: options.clock ?? systemClock,
    fs: options.fs ?? nodeFileSystem,
    lockTimeoutMs: options.lockTimeoutMs,
    cache: new Map(),
  };
}

/** Returns the id when it can name a namespace folder; throws HARNESS_ID_INVALID. */
export function checkHarnessId(id: string): string {
  if (HARNESS_ID.test(id) && id.length <= 64 && id !== 'artifacts') return id;
  throw new NexoError('HARNESS_ID_INVALID', `"${id.slice(0, 80)}" is not a harness id.`, {
    hint: 'Use lower-case letters, digits and dashes, starting with a letter, such as claude-nexo.',
  });
}

/** Absolute paths inside a workspace. */
export const workspacePaths = {
  nexus: (root: string) => join(root, '.nexus'),
  state: (root: string) => join(root, '.nexus', 'state'),
  artifacts: (root: string) => join(root, '.nexus', 'state', 'artifacts'),
  harness: (root: string, harnessId: string) => join(root, '.nexus', 'state', harnessId),
  own: (root: string) => join(root, '.nexus', 'state', OWN_HARNESS_ID),
  lock: (root: string) => join(root, '.nexus', 'state', OWN_HARNESS_ID, 'lock.db'),
  archiveJournal: (root: string) => join(root, '.nexus', 'state', OWN_HARNESS_ID, 'archive.json'),
  lastGood: (root: string) => join(root, '.nexus', 'state', OWN_HARNESS_ID, 'last-good'),
} as const;
