import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import type { Loss, RenderedFile, Rendering } from './rendering.ts';

export type SyncAction = 'create' | 'update' | 'unchanged' | 'keep';

export interface SyncStep {
  readonly path: string;
  readonly action: SyncAction;
}

export interface SyncOptions {
  readonly target: string;
  /** Say what would be written, write nothing. */
  readonly dryRun?: boolean;
  /** Write templates that are there already as well. */
  readonly force?: boolean;
  /** Ids of agents and skills; files about the whole are then left alone. */
  readonly only?: readonly string[];
}

export interface SyncResult {
  readonly steps: readonly SyncStep[];
  readonly losses: readonly Loss[];
}

/**
 * Makes the target folder hold what a rendering wants. Managed files are ours; templates belong to the user once they
 * are there. Only files that differ are written. Throws INPUT_INVALID for an unknown id in `only`, PATH_ESCAPES.
 */
export function syncRendering(rendering: Rendering, options: SyncOptions): SyncResult {
  const files = selectFiles(rendering.files, options.only);
  const steps = files.map((file) => ({ path: file.path, action: decideAction(file, options) }));
  if (options.dryRun !== true) {
    for (const [index, file] of files.entries()) {
      const action = steps[index]?.action;
      if (action === 'create' || action === 'update') writeRendered(options.target, file);
    }
  }
  return { steps, losses: rendering.losses };
}

function selectFiles(
  files: readonly RenderedFile[],
  only: readonly string[] | undefined,
): readonly RenderedFile[] {
  if (only === undefined || only.length === 0) return files;
  const known = new Set(files.map(({ item }) => item).filter((item) => item !== undefined));
  const unknown = only.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new NexoError('INPUT_INVALID', `Nothing is rendered from ${unknown.join(', ')}.`, {
      hint: 'Name agents or skills of the catalog: nexo agents list, nexo skills list.',
    });
  }
  return files.filter(({ item }) => item !== undefined && only.includes(item));
}

function decideAction(file: RenderedFile, { target, force = false }: SyncOptions): SyncAction {
  const current = readRegularFile(nodeFileSystem, join(target, file.path))?.bytes;
  if (current === undefined) return 'create';
  if (current.equals(Buffer.from(file.content))) return 'unchanged';
  return file.kind === 'template' && !force ? 'keep' : 'update';
}

/** Writes one rendered file below the target, never through a link out of it. Throws PATH_ESCAPES. */
export function writeRendered(target: string, { path, content }: RenderedFile): void {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) ensureFolder(nodeFileSystem, target);
  const file = join(target, path);
  assertInside(target, dirname(file));
  ensureFolder(nodeFileSystem, dirname(file));
  writeFileDurable(nodeFileSystem, file, content);
}
