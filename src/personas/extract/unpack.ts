import { closeSync, constants, fstatSync, openSync } from 'node:fs';

import { ioError } from '../../base/file-errors.ts';
import { packError } from '../pack-error.ts';
import { AgreedEntries } from './agreed-entries.ts';
import { EntryPlan } from './entry-plan.ts';
import { BackgroundFlush } from './flush-tree.ts';
import { inflateFile } from './gzip.ts';
import { type ArchiveLimits, MAX_RATIO, RATIO_JUDGED_FROM_BYTES } from './limits.ts';
import { TarFraming } from './tar-framing.ts';
import { TreeWriter, type WrittenFile } from './tree-writer.ts';

export interface UnpackOptions {
  readonly archive: string;
  /** What the archive is called in messages. */
  readonly name: string;
  /** An empty folder that nobody else writes to. */
  readonly into: string;
  readonly limits: ArchiveLimits;
  /** Whether a file may be run. */
  readonly isProgram: (path: string) => boolean;
  readonly signal: AbortSignal;
  /** Whether what is written is meant to stay. Files are flushed then as they are written. */
  readonly flush?: boolean;
}

export interface Unpacked {
  readonly files: readonly WrittenFile[];
  readonly folders: readonly string[];
  /** Of the archive's bytes as they were read while they were unpacked. */
  readonly archiveSha256: string;
}

/**
 * Unpacks a tar.gz by our rules, entry by entry, into a folder. What the rules refuse is refused before it is written;
 * what was written before stays for the caller to remove. Memory does not grow with the archive.
 * Throws PACK_ARCHIVE_DAMAGED, PACK_ARCHIVE_UNSAFE, PACK_TOO_LARGE, IO_FAILED, or the reason of the signal.
 */
export async function unpackArchive(options: UnpackOptions): Promise<Unpacked> {
  const { archive, name, into, limits, isProgram, signal } = options;
  const flush = new BackgroundFlush();
  const writer = new TreeWriter(into, isProgram, options.flush === true ? flush : undefined);
  const plan = new EntryPlan(limits);
  const entries = new AgreedEntries(writer);
  const framing = new TarFraming(
    {
      entry: (entry) => {
        plan.admit(entry);
        entries.announce(entry);
      },
      pass: (bytes) => entries.pass(bytes),
    },
    limits,
  );
  const descriptor = openArchive(archive);
  try {
    const { size } = fstatSync(descriptor);
    if (size > limits.maxCompressedBytes)
      throw packError('TarballTooLarge', `${name} has more than ${limits.maxCompressedBytes} bytes.`);
    let inflated = 0;
    const archiveSha256 = await inflateFile({ descriptor, size, name, signal }, (chunk) => {
      inflated += chunk.length;
      if (inflated > RATIO_JUDGED_FROM_BYTES && inflated > size * MAX_RATIO)
        throw packError('ExtractedTooLarge', `${name} unpacks to more than ${MAX_RATIO} times its size.`);
      framing.push(chunk);
    });
    framing.end();
    entries.end();
    await flush.settled();
    flush.assertDone();
    return { files: writer.files, folders: writer.folders, archiveSha256 };
  } finally {
    writer.abandon();
    closeSync(descriptor);
    // The caller removes the folder next, and nothing in it may be in use then.
    await flush.settled();
  }
}

function openArchive(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw ioError(path, 'read', error);
  }
}
