/** How much of an archive is accepted, in bytes and entries. */
export interface ArchiveLimits {
  readonly maxCompressedBytes: number;
  readonly maxEntries: number;
  readonly maxEntryBytes: number;
  readonly maxTotalBytes: number;
}

const MIB = 1024 * 1024;

export const PERSONA_LIMITS: ArchiveLimits = {
  maxCompressedBytes: 64 * MIB,
  maxEntries: 8192,
  maxEntryBytes: 64 * MIB,
  maxTotalBytes: 256 * MIB,
};

export const PLUGIN_LIMITS: ArchiveLimits = {
  maxCompressedBytes: 100 * MIB,
  maxEntries: 10_000,
  maxEntryBytes: 100 * MIB,
  maxTotalBytes: 250 * MIB,
};

/** Longest extension header, in bytes. */
export const MAX_METADATA_BYTES = MIB;

/** Text and programs shrink to a twentieth at best; what grows more than this is a bomb. Judged from this size on. */
export const MAX_RATIO = 250;
export const RATIO_JUDGED_FROM_BYTES = 16 * MIB;
