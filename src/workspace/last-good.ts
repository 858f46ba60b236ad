import { basename, join } from 'node:path';

import { readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Above this size, in bytes, a copy is made a moment after the change instead of within it. */
const LARGE_BYTES = 256 * 1024;
/** How long the copy of a large file waits for further changes, in milliseconds. */
const COPY_DELAY_MS = 50;

/**
 * Copies of the newest good state files, for `nexo repair`. They are written after each change and not flushed: losing
 * one costs a restore point, never state.
 */
export function keepLastGood(workspace: Workspace, relativePath: string, bytes: Buffer): void {
  if (bytes.length < LARGE_BYTES) {
    quietly(() => writeCopy(workspace, relativePath, bytes));
    return;
  }
  const key = `last-good:${relativePath}`;
  if (workspace.cache.has(key)) return;
  workspace.cache.set(key, true);
  setTimeout(() => {
    workspace.cache.delete(key);
    // Replaced by rename only, so what is read is whole; gone when the cycle was closed meanwhile.
    quietly(() => {
      const file = readRegularFile(workspace.fs, join(workspace.root, relativePath));
      if (file !== undefined) writeCopy(workspace, relativePath, file.bytes);
    });
  }, COPY_DELAY_MS);
}

function writeCopy(workspace: Workspace, relativePath: string, bytes: Buffer): void {
  ensureFolder(workspace.fs, workspacePaths.lastGood(workspace.root));
  writeFileDurable(workspace.fs, lastGoodPath(workspace, relativePath), bytes, { durable: false });
}

/**
 * Forgets the copy of a file that is gone for good: restoring it would bring closed work back. With `sha256` only a
 * copy of that content is forgotten.
 */
export function forgetLastGood(workspace: Workspace, relativePath: string, sha256?: string): void {
  try {
    const path = lastGoodPath(workspace, relativePath);
    const isOther =
      sha256 !== undefined && sha256Of(readRegularFile(workspace.fs, path)?.bytes ?? '') !== sha256;
    if (!isOther) workspace.fs.unlinkSync(path);
  } catch {
    // There was none, or it cannot be removed: repair knows closed work when it sees it.
  }
}

export function sha256Of(content: string | Buffer): string {
  // Loaded at the first call: most who keep a copy hash none, and a hook starts a sixth faster.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(content).digest('hex');
}

/** Where the copy of a state file lies. Trackers of several harnesses share a base name, so the path is flattened. */
export function lastGoodPath(workspace: Workspace, relativePath: string): string {
  const name = relativePath.endsWith('agent-tracker.json')
    ? relativePath.replaceAll('/', '__')
    : basename(relativePath);
  return join(workspacePaths.lastGood(workspace.root), name);
}

function quietly(keep: () => void): void {
  try {
    keep();
  } catch (error) {
    // The change itself is already durable; a full disk must not turn it into a failure.
    if (!(error instanceof NexoError)) throw error;
  }
}
