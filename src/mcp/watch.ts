import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { basename, join } from 'node:path';

import { systemErrorCode } from '../errors.ts';
import { workspacePaths } from '../workspace/workspace.ts';
import { listResourceFiles, RESOURCE_FOLDERS } from './resource-files.ts';
import { DOCUMENT_RESOURCES, resourceUri } from './resources.ts';

/** What changed since the last report. */
export interface ResourceChange {
  /** Resources whose content is new, gone or back. */
  readonly updated: readonly string[];
  /** True when resources/list answers something else than before. */
  readonly listChanged: boolean;
}

/** One write is several events; they are taken together after this silence, and at the latest after the second. */
const QUIET_MS = 40;
const LATEST_MS = 400;

/** How often to look when the system has no watches left to give. */
const POLL_MS = 2000;

/**
 * Reports changes of a project's resources until it is closed. The folders may come, go and come back.
 * Never keeps the process alive. A report compares what is there with what was there, so that no event is trusted
 * for more than "look again": events are merged, late or missing a name on every platform in its own way.
 */
export class ResourceWatch {
  readonly #root: string;
  readonly #report: (change: ResourceChange) => void;
  readonly #watchers = new Map<string, { watcher: FSWatcher; inode: number }>();
  #seen: ReadonlyMap<string, string>;
  #quiet: NodeJS.Timeout | undefined;
  #firstEvent: number | undefined;
  #poll: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(root: string, report: (change: ResourceChange) => void) {
    this.#root = root;
    this.#report = report;
    this.#guard(() => this.#arm());
    this.#seen = this.#guard(() => snapshot(root)) ?? new Map();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
    clearInterval(this.#poll);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #onEvent(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#firstEvent ??= now;
    clearTimeout(this.#quiet);
    const wait = Math.max(0, Math.min(QUIET_MS, this.#firstEvent + LATEST_MS - now));
    this.#quiet = setTimeout(() => this.#guard(() => this.#look()), wait).unref();
  }

  #look(): void {
    this.#firstEvent = undefined;
    // Armed first: what changes between the two steps is seen by the second, or gives an event.
    this.#arm();
    const before = this.#seen;
    this.#seen = snapshot(this.#root);
    const change = difference(before, this.#seen);
    if (change.updated.length > 0 || change.listChanged) this.#report(change);
  }

  /** Watches every folder that exists; one that was replaced is watched anew. */
  #arm(): void {
    const nexus = workspacePaths.nexus(this.#root);
    const folders = [
      nexus,
      workspacePaths.state(this.#root),
      ...RESOURCE_FOLDERS.map((name) => join(nexus, name)),
    ];
    const isThere = this.#watchFolder(nexus);
    for (const folder of folders.slice(1)) this.#watchFolder(folder);
    // The project's own folder is busy; it matters only while .nexus is to come.
    if (isThere) this.#drop(this.#root);
    else this.#watchFolder(this.#root, basename(nexus));
  }

  #watchFolder(folder: string, only?: string): boolean {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    const known = this.#watchers.get(folder);
    if (known !== undefined && stat?.ino === known.inode) return true;
    this.#drop(folder);
    if (stat?.isDirectory() !== true) return false;
    this.#guard(() => {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (only === undefined || name === null || name === only) this.#onEvent();
      });
      watcher.on('error', () => {
        this.#drop(folder);
        this.#onEvent();
      });
      this.#watchers.set(folder, { watcher, inode: stat.ino });
    });
    return true;
  }

  /**
   * A folder that went away in between gives its parent an event. When there is no watch to be had, or a folder may
   * not be read, looking now and then is what is left; a server does not end over it.
   */
  #guard<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      if (code !== 'ENOENT')
        this.#poll ??= setInterval(() => this.#guard(() => this.#look()), POLL_MS).unref();
      return undefined;
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}

/** Each resource that exists, with a mark that is another one when its content is. */
function snapshot(root: string): Map<string, string> {
  const marks = new Map<string, string>();
  for (const { uri, file } of DOCUMENT_RESOURCES) {
    const stat = lstatSync(join(workspacePaths.nexus(root), file), { throwIfNoEntry: false });
    marks.set(uri, stat === undefined ? 'absent' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`);
  }
  for (const folder of RESOURCE_FOLDERS) {
    for (const file of listResourceFiles(root, folder)) {
      marks.set(resourceUri(file), `${file.inode} ${file.bytes} ${file.modifiedMs}`);
    }
  }
  return marks;
}

function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ResourceChange {
  const updated = [...after].filter(([uri, mark]) => before.get(uri) !== mark).map(([uri]) => uri);
  const gone = [...before.keys()].filter((uri) => !after.has(uri));
  const listChanged = gone.length > 0 || [...after.keys()].some((uri) => !before.has(uri));
  return { updated: [...updated, ...gone], listChanged };
}
