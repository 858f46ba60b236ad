import { packError } from '../pack-error.ts';
import { collisionKey } from '../pack-path.ts';
import type { ArchiveLimits } from './limits.ts';

export interface PlannedEntry {
  readonly kind: 'file' | 'folder';
  /** Clean and relative; empty for the folder that everything goes into. */
  readonly path: string;
  readonly size: number;
}

/** Decides about each entry in turn, before anything of it is written. */
export class EntryPlan {
  readonly #limits: ArchiveLimits;
  readonly #places = new Map<string, { readonly path: string; readonly kind: 'file' | 'folder' }>();
  #entries = 0;
  #bytes = 0;

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  /** Throws PACK_TOO_LARGE or PACK_ARCHIVE_UNSAFE. */
  admit({ kind, path, size }: PlannedEntry): void {
    const { maxEntries, maxEntryBytes, maxTotalBytes } = this.#limits;
    this.#entries += 1;
    if (this.#entries > maxEntries)
      throw packError('TooManyEntries', `the archive has more than ${maxEntries} entries.`);
    if (size > maxEntryBytes)
      throw packError('EntryTooLarge', `the archive has a file of more than ${maxEntryBytes} bytes.`, {
        data: { path },
      });
    this.#bytes += size;
    if (this.#bytes > maxTotalBytes)
      throw packError('ExtractedTooLarge', `the archive unpacks to more than ${maxTotalBytes} bytes.`);
    if (path === '') return;
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      this.#place(path.slice(0, at), 'folder');
    }
    this.#place(path, kind);
  }

  /** A folder may be named again and again; everything else has its place for itself. */
  #place(path: string, kind: 'file' | 'folder'): void {
    const key = collisionKey(path);
    const taken = this.#places.get(key);
    if (taken === undefined) {
      this.#places.set(key, { path, kind });
      return;
    }
    if (kind === 'folder' && taken.kind === 'folder' && taken.path === path) return;
    throw packError(
      'NameCollision',
      `two entries of the archive are one name: ${JSON.stringify(taken.path)} and ${JSON.stringify(path)}.`,
      { hint: 'Some file systems do not tell them apart; its author has to rename one.' },
    );
  }
}
