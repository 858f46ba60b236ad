import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ensureFolder } from '../../base/folder.ts';
import { holdLock } from '../../base/lock.ts';
import { packError } from '../pack-error.ts';
import { LOCK_FILE } from '../paths.ts';

/** The right to change an install root. */
export interface RootLock {
  /** Throws PACK_LOCKED when the lock's file was removed or replaced. Call it right before a change shows. */
  assertHeld(): void;
  release(): void;
}

export interface RootLockOptions {
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly timeoutMs?: number;
}

/** As long as a download may take. */
const DEFAULT_TIMEOUT_MS = 600_000;
const PAUSE_MS = 50;

/** Roots that this process itself works in; the lock only excludes other processes. */
const heldHere = new Set<string>();

/**
 * Makes this process the only one that changes an install root, making the folder when it is missing. Others wait, and
 * say for whom. Throws PACK_LOCKED, LOCK_UNUSABLE, IO_FAILED, or the reason of the signal.
 */
export async function lockRoot(
  root: string,
  { signal, note, timeoutMs = DEFAULT_TIMEOUT_MS }: RootLockOptions,
): Promise<RootLock> {
  ensureFolder(fs, root);
  const path = join(root, LOCK_FILE);
  const startedAt = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    signal.throwIfAborted();
    const lock = heldHere.has(path) ? { holders: [process.pid] } : holdLock(path);
    if (!('holders' in lock)) {
      heldHere.add(path);
      return {
        assertHeld: () => {
          if (!lock.isHeld()) throw locked(root, 'its lock was removed meanwhile');
        },
        release: () => {
          if (heldHere.delete(path)) lock.release();
        },
      };
    }
    const who = lock.holders.length === 0 ? 'another process' : `process ${lock.holders.join(', ')}`;
    if (performance.now() - startedAt >= timeoutMs) throw locked(root, `${who} works in it`);
    if (isFirst) note(`Waiting for ${who}, which installs or removes packs in ${root}.`);
    await delay(PAUSE_MS * (0.5 + Math.random()), undefined, { signal }).catch(() => {
      // The signal is looked at in the next round.
    });
  }
}

function locked(root: string, why: string): Error {
  return packError('Locked', `${root} cannot be changed: ${why}.`, {
    hint: 'Nothing was changed. Try again, or end that process if it hangs.',
    data: { path: root },
  });
}
