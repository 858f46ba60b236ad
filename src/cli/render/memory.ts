import type { MemoryNote } from '../../workspace/memory.ts';
import { shortTime } from './words.ts';

/** `412 B`, `3.4 kB`. */
export function sizeOf(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

/** How often a note was read, when last, and by whom. */
export function readsOf({ reads, last_read, last_reader }: MemoryNote): string {
  if (last_read === null) return 'no read seen';
  return `${reads === 1 ? 'read once' : `read ${reads} times`}, last ${shortTime(last_read)} by ${last_reader ?? 'unknown'}`;
}
