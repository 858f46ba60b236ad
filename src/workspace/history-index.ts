import { join } from 'node:path';
import * as z from 'zod';

import type { FileIdentity } from '../base/durable-file.ts';
import { isSameIdentity, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import type { HistoryIndex } from './history.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** Longest tail that is stored; real ones have six bytes, a file with members after its list a few hundred. */
const MAX_TAIL_BYTES = 65_536;

const StoredIndexSchema = z.strictObject({
  version: z.literal(1),
  identity: z.strictObject({
    dev: z.string(),
    ino: z.string(),
    size: z.string(),
    mtimeNs: z.string(),
    ctimeNs: z.string(),
  }),
  cycles: z.int().min(0),
  highestPlanId: z.int().min(0),
  tail: z.strictObject({ text: z.string(), isEmpty: z.boolean() }).optional(),
});

/** The stored index if it describes exactly the file with this identity, else undefined. */
export function readHistoryIndex(workspace: Workspace, identity: FileIdentity): HistoryIndex | undefined {
  try {
    const bytes = readRegularFile(workspace.fs, indexPath(workspace), MAX_TAIL_BYTES * 2)?.bytes;
    if (bytes === undefined) return undefined;
    const { version: _version, tail, ...rest } = StoredIndexSchema.parse(JSON.parse(bytes.toString('utf8')));
    if (!isSameIdentity(rest.identity, identity) || !isPlausibleTail(tail)) return undefined;
    return { ...rest, tail };
  } catch {
    // A cache: whatever is wrong with it, the file itself is read instead.
    return undefined;
  }
}

/** Stores the index for other processes. Never throws: without it they read the file. */
export function writeHistoryIndex(workspace: Workspace, index: HistoryIndex): void {
  if (index.tail !== undefined && Buffer.byteLength(index.tail.text) > MAX_TAIL_BYTES) return;
  try {
    ensureFolder(workspace.fs, workspacePaths.own(workspace.root));
    const text = `${JSON.stringify({ version: 1, ...index })}\n`;
    writeFileDurable(workspace.fs, indexPath(workspace), text, { durable: false });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
  }
}

function indexPath(workspace: Workspace): string {
  return join(workspacePaths.own(workspace.root), 'history-index.json');
}

/** A tail must close a list and its object, so that what is appended before it stays JSON. */
function isPlausibleTail(tail: HistoryIndex['tail']): boolean {
  if (tail === undefined) return true;
  JSON.parse(`{"cycles":[${tail.isEmpty ? '' : '0'}${tail.text}`);
  return true;
}
