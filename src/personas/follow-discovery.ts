import { type FSWatcher, lstatSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Discovery, FoundPack } from './discovery.ts';

/** What is different from the last report. */
export interface DiscoveryChange {
  readonly discovery: Discovery;
  /** Packs that are in use now and were not, as `<id>@<version>`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Packs that are in use as before, with other content. */
  readonly changed: readonly string[];
}

export interface FollowOptions {
  /** Looks at everything anew; must not throw. */
  readonly discover: () => Discovery;
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** Told once, when everything is followed, how to ask for a look at once. */
  readonly onReady?: (look: () => void) => void;
  /** Told of each difference. Must not throw. */
  readonly onChange: (change: DiscoveryChange) => void;
  /** Silence after which several events are one change, in milliseconds. */
  readonly quietMs?: number;
  /** Longest time that events without a pause are held back, in milliseconds. */
  readonly latestMs?: number;
  /** How often to look without an event, for file systems that tell of none, in milliseconds. */
  readonly pollMs?: number;
}

/** How many folders are watched; beyond that the regular look has to do. */
const MAX_WATCHED = 256;

/**
 * Follows the packs on disk and their settings until the signal: resolves then, and never rejects. Reports compare
 * what is there with what was there, so that a file that is renamed over another, deleted or made anew is seen, and
 * an event that is late, merged or missing only costs time. Never keeps the process alive by itself.
 */
export function followDiscovery(options: FollowOptions): Promise<void> {
  const { discover, signal, onReady, onChange, quietMs = 200, latestMs = 2000, pollMs = 10_000 } = options;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    let last = discover();
    let seen = snapshot(last);
    const watches = new Watches(onEvent);
    watches.aim(last);
    let quiet: NodeJS.Timeout | undefined;
    let firstEvent: number | undefined;
    const poll = setInterval(look, pollMs).unref();
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(quiet);
        clearInterval(poll);
        watches.close();
        resolve();
      },
      { once: true },
    );
    // What changed between the first look and the first watch.
    look();
    onReady?.(look);

    function onEvent(): void {
      if (signal.aborted) return;
      const now = performance.now();
      firstEvent ??= now;
      clearTimeout(quiet);
      quiet = setTimeout(look, Math.max(0, Math.min(quietMs, firstEvent + latestMs - now)));
      quiet.unref();
    }

    function look(): void {
      firstEvent = undefined;
      clearTimeout(quiet);
      if (signal.aborted) return;
      const discovery = discover();
      const now = snapshot(discovery);
      watches.aim(discovery);
      if (now.text === seen.text) return;
      const change = compare(last, discovery, seen.packs, now.packs);
      last = discovery;
      seen = now;
      onChange(change);
    }
  });
}

interface Snapshot {
  /** Everything that a change shows in. */
  readonly text: string;
  /** Folder of a pack in use → what its files look like. */
  readonly packs: ReadonlyMap<string, string>;
}

function snapshot({ killSwitch, config, packs, winners, diagnostics }: Discovery): Snapshot {
  const content = new Map(winners.map((pack) => [pack.dir, fingerprint(pack)]));
  const text = JSON.stringify([
    killSwitch,
    config.activation,
    packs.map(({ dir, state, reason, manifest }) => [dir, state, reason, manifest?.id, manifest?.version]),
    [...content],
    diagnostics,
  ]);
  return { text, packs: content };
}

/** Changes when a file that counts is written, replaced, removed or made. */
function fingerprint(pack: FoundPack): string {
  return contributedFiles(pack)
    .map((path) => {
      const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
    })
    .join(',');
}

function contributedFiles({ dir, manifestFile, manifest }: FoundPack): string[] {
  const { agentConfigs = [], pluginConfigsPartial = [], secretsTemplates = [] } = manifest?.contributes ?? {};
  return [
    manifestFile,
    ...[...agentConfigs, ...pluginConfigsPartial, ...secretsTemplates].map((path) => join(dir, path)),
  ];
}

function compare(
  before: Discovery,
  after: Discovery,
  seenBefore: Snapshot['packs'],
  seenNow: Snapshot['packs'],
): DiscoveryChange {
  const old = namesOf(before);
  const now = namesOf(after);
  return {
    discovery: after,
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([name, dir]) => {
      const oldDir = old.get(name);
      if (oldDir === undefined) return [];
      return oldDir === dir && seenBefore.get(dir) === seenNow.get(dir) ? [] : [name];
    }),
  };
}

function namesOf({ winners }: Discovery): Map<string, string> {
  return new Map(winners.map(({ manifest, dir }) => [`${manifest.id}@${manifest.version}`, dir]));
}

/** A watch for each folder in which a change shows. */
class Watches {
  readonly #onEvent: () => void;
  readonly #open = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();

  constructor(onEvent: () => void) {
    this.#onEvent = onEvent;
  }

  /** Watches what has to be watched now, and no longer what has not. A folder made anew is watched anew. */
  aim(discovery: Discovery): void {
    const wanted = new Set(foldersOf(discovery).slice(0, MAX_WATCHED));
    for (const [path, { watcher, inode }] of this.#open) {
      if (wanted.has(path) && inodeOf(path) === inode) continue;
      watcher.close();
      this.#open.delete(path);
    }
    for (const path of wanted) if (!this.#open.has(path)) this.#watch(path);
  }

  close(): void {
    for (const { watcher } of this.#open.values()) watcher.close();
    this.#open.clear();
  }

  #watch(path: string): void {
    const inode = inodeOf(path);
    if (inode === undefined) return;
    try {
      const watcher = watch(path, { persistent: false }, this.#onEvent);
      watcher.on('error', () => {
        watcher.close();
        this.#open.delete(path);
        this.#onEvent();
      });
      this.#open.set(path, { watcher, inode });
    } catch {
      // The system has no watches left, or the folder went away: the regular look sees it.
    }
  }
}

function foldersOf({ config, searchPaths, packs }: Discovery): string[] {
  const all = [
    dirname(config.file),
    ...searchPaths.map(({ path }) => path),
    ...packs.flatMap((pack) => contributedFiles(pack).map((path) => dirname(path))),
  ];
  return [...new Set(all.map(nearestFolder))];
}

/** A folder that is still to come is watched for in the nearest one above it that is there. */
function nearestFolder(path: string): string {
  for (let current = path; ; current = dirname(current)) {
    if (statSync(current, { throwIfNoEntry: false })?.isDirectory() || dirname(current) === current)
      return current;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
