import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import { syncFolder } from '../../base/folder.ts';

/** Files that are flushed at once: the disk orders them better than we do. */
const AT_ONCE = 16;

/** Files that are being flushed while others are still written; each holds a descriptor. */
const IN_FLIGHT = 32;

/** Flushes files behind the back of whoever goes on writing the next ones. Descriptors that it takes are its own. */
export class BackgroundFlush {
  #inFlight = 0;
  #fault: unknown;
  #idle: (() => void) | undefined;

  /** Flushes and closes; false, and the descriptor stays the caller's, when enough are under way. */
  take(descriptor: number, path: string): boolean {
    if (this.#inFlight >= IN_FLIGHT) return false;
    this.#inFlight += 1;
    fs.fsync(descriptor, (flushFault) =>
      fs.close(descriptor, (closeFault) => {
        const fault = flushFault ?? closeFault;
        if (fault !== null && fault !== undefined) this.#fault ??= ioError(path, 'flush', fault);
        this.#inFlight -= 1;
        if (this.#inFlight === 0) this.#idle?.();
      }),
    );
    return true;
  }

  /** Resolves when nothing is under way any more. Never throws: `assertDone` says how it went. */
  settled(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Throws IO_FAILED when something could not be flushed. */
  assertDone(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

/** Makes a written tree survive a crash: its files, then its folders from the deepest up, then its root. */
export async function flushTree(
  root: string,
  files: readonly string[],
  folders: readonly string[],
): Promise<void> {
  const waiting = [...files];
  const flushNext = async (): Promise<void> => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
      await flushFile(join(root, path));
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, waiting.length) }, flushNext));
  const deepestFirst = [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of deepestFirst) syncFolder(fs, join(root, folder));
  syncFolder(fs, root);
}

async function flushFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw ioError(path, 'flush', error);
  }
}
