import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

import type { HomePaths } from '../home/paths.ts';
import type { PluginSource } from './contract.ts';
import { copiedFrom, kindOf } from './names.ts';

/** Whose plugin it is: the product's own, or the operator's. */
export type PluginOrigin = 'core' | 'personal';

export interface FoundPlugin extends PluginSource {
  readonly origin: PluginOrigin;
  /** Another text when the file is another one or has other content. */
  readonly mark: string;
}

/** A file that looks like a plugin and is left alone. */
export interface SkippedFile {
  readonly file: string;
  readonly origin: PluginOrigin;
  readonly reason: string;
}

export interface Discovered {
  /** Core first, then personal, each by file name: the order in which they load. */
  readonly found: readonly FoundPlugin[];
  readonly skipped: readonly SkippedFile[];
}

export interface PluginFolders {
  /** Absent where the product ships none. */
  readonly core: string;
  readonly personal: string;
  /** Nothing above it is looked at. */
  readonly home: string;
}

export function pluginFolders(paths: Pick<HomePaths, 'home' | 'plugins'>, code: string): PluginFolders {
  return { core: join(code, 'assets', 'plugins'), personal: paths.plugins, home: paths.home };
}

/** The plugin files that there are. Looks at names, owners and rights alone: nothing is read and nothing is run. */
export function discoverPlugins({ core, personal, home }: PluginFolders): Discovered {
  const own = inFolder(core, 'core', undefined);
  const operators = inFolder(personal, 'personal', folderProblem(personal, home));
  return {
    found: [...own.found, ...operators.found],
    skipped: [...own.skipped, ...operators.skipped],
  };
}

function inFolder(folder: string, origin: PluginOrigin, problem: string | undefined): Discovered {
  const names = readNames(folder);
  const there = new Set(names);
  const found: FoundPlugin[] = [];
  const skipped: SkippedFile[] = [];
  for (const file of names) {
    const kind = kindOf(file);
    if (kind === undefined) continue;
    const path = join(folder, file);
    const original = copiedFrom(file);
    if (original !== undefined && there.has(original)) {
      skipped.push({ file, origin, reason: `it is a copy of ${original}` });
      continue;
    }
    const judged = problem ?? judgeFile(path, folder);
    if (typeof judged === 'string') skipped.push({ file, origin, reason: judged });
    else if (judged !== undefined) found.push({ file, path, kind, origin, mark: markOf(judged) });
  }
  return { found, skipped };
}

/** By code unit: the same order on every machine. */
function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return []; // no such folder, no plugins
  }
}

/** The file as it is to be loaded; a reason why not; undefined for what is no file, or gone again. */
function judgeFile(path: string, folder: string): Stats | string | undefined {
  try {
    const own = lstatSync(path, { throwIfNoEntry: false });
    if (own === undefined) return undefined;
    if (own.isSymbolicLink()) {
      const real = realpathSync(path);
      if (!real.startsWith(realpathSync(folder) + sep)) return `it is a link that leads out of ${folder}`;
    }
    const stat = own.isSymbolicLink() ? statSync(path) : own;
    if (!stat.isFile()) return undefined;
    return rightsProblem(stat) ?? stat;
  } catch {
    return 'it is a link that leads nowhere';
  }
}

/** Every folder from that of the plugins up to the home has to be the operator's alone. */
function folderProblem(folder: string, home: string): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    const stat = statSync(current, { throwIfNoEntry: false });
    const problem = stat === undefined ? undefined : rightsProblem(stat);
    if (problem !== undefined) return `${problem.replace(/^it /, `its folder ${current} `)}`;
    if (current === home || dirname(current) === current) return undefined;
  }
}

/** Why code from there is not ours to run. */
function rightsProblem({ uid, mode }: Stats): string | undefined {
  if (process.platform === 'win32') return undefined;
  const own = process.getuid?.();
  if (uid !== own && uid !== 0) return `it belongs to another user (${uid})`;
  return (mode & 0o002) === 0 ? undefined : 'it may be written by everybody; run: chmod o-w on it';
}

/** What tells one state of a file from the next without reading it; a change of its content changes the last one. */
export function markOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}.${ino}.${size}.${mtimeMs}.${ctimeMs}`;
}

/** The mark of a file as it is now; empty when it is gone. */
export function currentMark(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : markOf(stat);
}
