import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import { syncFolder } from '../../base/folder.ts';

/** Files that are flushed at once: the disk orders them better than we do. */
const AT_ONCE = 16;

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
