import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { stampFile } from '../base/file-stamp.ts';
import type { HomePaths } from './paths.ts';

/**
 * What hooks need to know of the installed packs, so that a tool call does not read and hash every file of each. The
 * index says what it was made from: it counts only while every one of those files and folders is as it was, and it
 * may be deleted at any time.
 */
export interface PackIndex {
  /** Ids of the agents of packs that are in use. */
  readonly inUse: readonly string[];
  /** All packs that gates hold agents by, switched off or not, in the order in which they count. */
  readonly gates: readonly IndexedPack[];
}

export interface IndexedPack {
  readonly agents: readonly { readonly id: string; readonly capabilities: readonly string[] }[];
  readonly distrusted?: { readonly ids: readonly string[]; readonly reason: string };
}

/** A path and its stamp; links are followed for folders that are searched, not inside of packs. */
export type IndexedSource = readonly [path: string, stamp: string, follow: 0 | 1];

export interface PackIndexFile {
  /** What else the answer depends on, `packIndexKey`. */
  readonly key: string;
  readonly sources: readonly IndexedSource[];
  readonly index: PackIndex;
}

/** Raise it when what is indexed, or how, changes. */
const FORMAT = 1;

export function packIndexFile(paths: HomePaths): string {
  return join(paths.cache, 'packs.json');
}

/** An index that was made by another version or for other folders says nothing. */
export function packIndexKey(paths: HomePaths, userHome: string, nexoVersion: string): string {
  return JSON.stringify([FORMAT, nexoVersion, paths.home, paths.config, userHome]);
}

/** Undefined when there is none, when it cannot be used, or when anything that it was made from has changed. */
export function readPackIndex(paths: HomePaths, key: string): PackIndex | undefined {
  try {
    const file = JSON.parse(readFileSync(packIndexFile(paths), 'utf8')) as unknown;
    if (!isIndexFile(file) || file.key !== key) return undefined;
    const isSame = file.sources.every(
      ([path, stamp, follow]) => stampFile(path, { follow: follow === 1 }).text === stamp,
    );
    return isSame ? file.index : undefined;
  } catch {
    return undefined; // not there, damaged, or something in it may not be looked at: whoever asks looks for himself
  }
}

function isIndexFile(value: unknown): value is PackIndexFile {
  const { key, sources, index } = value as PackIndexFile;
  return (
    typeof key === 'string' &&
    Array.isArray(sources) &&
    sources.every(([path, stamp]) => typeof path === 'string' && typeof stamp === 'string') &&
    isTexts(index.inUse) &&
    index.gates.every(
      ({ agents, distrusted }) =>
        agents.every(({ id, capabilities }) => typeof id === 'string' && isTexts(capabilities)) &&
        (distrusted === undefined || (isTexts(distrusted.ids) && typeof distrusted.reason === 'string')),
    )
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
