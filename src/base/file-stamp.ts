import { lstatSync, statSync } from 'node:fs';

/** What is seen of something at a path without reading it: changes whenever its content, its entries or it does. */
export interface FileStamp {
  /** `missing`, or device, inode, size and both times of change. */
  readonly text: string;
  /** When content, name or permissions changed last, in milliseconds since the epoch; 0 for what is missing. */
  readonly changedMs: number;
}

/**
 * The stamp of a path; with `follow` that of what a link leads to. No program can set the time of the last change of
 * an inode, so that equal stamps mean equal content, as long as the stamp was taken well after that time: file systems
 * count in ticks, and two changes in one tick look alike. Throws when the path cannot be looked at.
 */
export function stampFile(path: string, { follow = false } = {}): FileStamp {
  const look = follow ? statSync : lstatSync;
  const stat = look(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return { text: 'missing', changedMs: 0 };
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = stat;
  return { text: `${dev}.${ino}.${size}.${mtimeNs}.${ctimeNs}`, changedMs: Number(ctimeMs) };
}
