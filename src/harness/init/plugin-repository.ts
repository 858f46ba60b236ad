import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { nodeFileSystem, readRegularFile, removeFileDurable } from '../../base/durable-file.ts';
import { assertInside } from '../../base/safe-path.ts';
import type { HarnessName } from '../contract.ts';
import { sha256 } from '../install/text-change.ts';
import type { RenderedFile } from '../rendering.ts';
import { writeRendered } from '../sync.ts';
import { readRecord, writeRecord } from './record.ts';

export type InitAction = 'create' | 'update' | 'remove' | 'unchanged' | 'keep' | 'conflict';

export interface InitStep {
  readonly path: string;
  readonly action: InitAction;
  /** Why a file is left. */
  readonly detail?: string;
}

export interface InitOptions {
  readonly harness: HarnessName;
  readonly target: string;
  readonly dryRun: boolean;
  /** Take back what we wrote and somebody edited: templates and rendered files. Never what was not ours. */
  readonly force: boolean;
}

/**
 * Brings a plugin repository in line with what is rendered. A record in the repository tells which files we wrote: those
 * are brought up to date, and removed when they are no longer rendered. A file that we did not write is the author's,
 * whatever its name, and one of ours that was edited by hand is reported and left. A second run changes nothing.
 */
export function writePluginRepository(files: readonly RenderedFile[], options: InitOptions): InitStep[] {
  const { harness, target, dryRun } = options;
  const record = readRecord(target, harness);
  const steps = files.map((file) => decide(file, record, options));
  const stale = Object.keys(record).filter(
    (path) => !files.some((file) => file.path === path && file.kind === 'managed'),
  );
  const removals = stale.flatMap((path) => decideRemoval(path, record, options));
  const all = [...steps, ...removals];
  if (dryRun) return all;
  for (const [index, file] of files.entries()) {
    const action = steps[index]?.action;
    if (action === 'create' || action === 'update') writeRendered(target, file);
  }
  for (const { path, action } of removals) {
    if (action === 'remove') removeFileDurable(nodeFileSystem, join(target, path));
  }
  // Last: a cut before this leaves files that are rendered as they stand, which the next run takes as ours.
  const written = files.filter(
    ({ kind }, index) => kind === 'managed' && steps[index]?.action !== 'conflict',
  );
  const kept = [...steps, ...removals].filter(({ path, action }) => action === 'conflict' && path in record);
  writeRecord(
    target,
    harness,
    Object.fromEntries(
      [
        ...written.map(({ path, content }): [string, string] => [path, sha256(content)]),
        ...kept.map(({ path }): [string, string] => [path, record[path] ?? '']),
      ].sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
  return all;
}

function decide(
  { path, content, kind }: RenderedFile,
  record: Readonly<Record<string, string>>,
  { target, force }: InitOptions,
): InitStep {
  const current = readIn(target, path);
  if (current === undefined) return { path, action: 'create' };
  if (current === content) return { path, action: 'unchanged' };
  if (kind === 'template') return { path, action: force ? 'update' : 'keep' };
  const known = record[path];
  if (known === undefined)
    return { path, action: 'conflict', detail: 'is there already and is not rendered by nexo' };
  if (known === sha256(current) || force) return { path, action: 'update' };
  return { path, action: 'conflict', detail: 'was edited by hand' };
}

function decideRemoval(
  path: string,
  record: Readonly<Record<string, string>>,
  { target, force }: InitOptions,
): InitStep[] {
  const current = readIn(target, path);
  if (current === undefined) return [];
  if (sha256(current) === record[path] || force) return [{ path, action: 'remove' }];
  return [{ path, action: 'conflict', detail: 'is no longer rendered and was edited by hand' }];
}

/** Throws PATH_ESCAPES when a link in the repository leads out of it. */
function readIn(target: string, path: string): string | undefined {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) return undefined;
  const file = join(target, path);
  assertInside(target, dirname(file));
  return readRegularFile(nodeFileSystem, file)?.bytes.toString('utf8');
}
