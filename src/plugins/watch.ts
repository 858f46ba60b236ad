import { type FSWatcher, watch } from 'node:fs';

import { nodeFileSystem } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';

/** A save is several events: a file is written, renamed, touched. They are taken together after this silence. */
const QUIET_MS = 60;
/** How often to look without being told: some file systems tell nothing. */
const POLL_MS = 2000;

/**
 * Calls `look` soon after something in one of the folders has changed, until the answer is called. Folders that are
 * missing are made: a plugin that is saved first of all has to be seen too. Never keeps the process alive.
 */
export function watchFolders(folders: readonly string[], look: () => void): () => void {
  let quiet: NodeJS.Timeout | undefined;
  const onEvent = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(look, QUIET_MS).unref();
  };
  const watchers = folders.flatMap((folder): FSWatcher[] => {
    try {
      ensureFolder(nodeFileSystem, folder);
      const watcher = watch(folder, { persistent: false }, onEvent);
      watcher.on('error', () => watcher.close()); // looking now and then is what is left
      return [watcher];
    } catch {
      return [];
    }
  });
  const poll = setInterval(look, POLL_MS).unref();
  return () => {
    clearTimeout(quiet);
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
}
