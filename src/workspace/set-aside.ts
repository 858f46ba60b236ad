import { basename, dirname, join } from 'node:path';

import { moveFileDurable, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder, syncFolder } from '../base/folder.ts';
import { randomHex } from '../base/ids.ts';
import type { Workspace } from './workspace.ts';

/** Where a damaged file goes, byte for byte, below the project: nothing is ever deleted. */
export function asidePath({ clock }: Workspace, file: string): string {
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-');
  return `.nexus/state/nexo/damaged/${stamp}-${randomHex(2)}-${basename(file)}`;
}

/**
 * Moves the file at `path` to `aside`, from `asidePath`, and puts `text` in its place: without a moment in which neither
 * is there.
 */
export function setAside(workspace: Workspace, path: string, aside: string, text: string | undefined): void {
  const { fs, root } = workspace;
  const movedTo = join(root, aside);
  ensureFolder(fs, dirname(movedTo));
  const isFile = lookAt(fs, path)?.isFile() ?? false;
  if (text === undefined || !isFile) moveFileDurable(fs, path, movedTo);
  else copyAside(workspace, path, movedTo);
  if (text !== undefined) writeFileDurable(fs, path, text);
}

function copyAside({ fs }: Workspace, path: string, movedTo: string): void {
  try {
    fs.linkSync(path, movedTo);
    syncFolder(fs, dirname(movedTo));
  } catch {
    // No hard links here.
    writeFileDurable(fs, movedTo, readRegularFile(fs, path)?.bytes ?? '');
  }
}
