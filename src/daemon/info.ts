import { rmSync } from 'node:fs';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { isBusyLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import type { DaemonPaths } from './paths.ts';

const InfoSchema = z.object({
  pid: z.int().positive(),
  version: z.string(),
  protocol: z.int(),
  started_at: z.string(),
  socket: z.string(),
  http: z.string(),
});
/** What the running daemon says about itself in its folder. */
export type DaemonInfo = z.infer<typeof InfoSchema>;

const MAX_INFO_BYTES = 64 * 1024;

export function writeInfo({ info }: Pick<DaemonPaths, 'info'>, value: DaemonInfo): void {
  // Read only while its daemon lives, so it need not survive a crash of the machine.
  writeFileDurable(nodeFileSystem, info, `${JSON.stringify(value, null, 2)}\n`, {
    mode: 0o600,
    durable: false,
  });
}

/** The info of the last daemon, whether it lives or not; undefined when there is none or it cannot be read. */
export function readInfo({ info }: Pick<DaemonPaths, 'info'>): DaemonInfo | undefined {
  try {
    const bytes = readRegularFile(nodeFileSystem, info, MAX_INFO_BYTES)?.bytes;
    if (bytes === undefined) return undefined;
    return InfoSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch (error) {
    // Damaged or not a file: the lock decides whether a daemon lives, and the next one writes it anew.
    if (error instanceof NexoError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Removes the info if it is ours still. */
export function removeInfo(paths: Pick<DaemonPaths, 'info'>, pid: number): void {
  if (readInfo(paths)?.pid === pid) rmSync(paths.info, { force: true });
}

/** Whether a daemon of this home lives, by the lock that the kernel releases with its process. */
export function daemonLives({ lock }: Pick<DaemonPaths, 'lock'>): boolean {
  return isBusyLock(lock);
}
