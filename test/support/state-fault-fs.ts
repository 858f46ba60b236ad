import { closeSync } from 'node:fs';

import { type FileSystem, nodeFileSystem } from '../../src/base/file-system.ts';

type Call = keyof FileSystem;

/** One call that a file system has seen: which, and on what. */
export interface SeenCall {
  readonly name: Call;
  readonly target: string;
}

/** The process came to its end at this point: nothing it does afterwards reaches the disk. */
export class CutOff extends Error {
  override name = 'CutOff';
}

export interface FaultPlan {
  /** Number of the call that is hit, counted from 0; none for a file system that only counts. */
  readonly at?: number;
  /** The system's error code, or the end of the process after the call is done. */
  readonly with?: 'ENOSPC' | 'EIO' | 'EACCES' | 'cut';
}

export interface FaultyFileSystem {
  readonly fs: FileSystem;
  readonly calls: readonly SeenCall[];
  readonly isCut: () => boolean;
}

/** The real file system without flushing: what a test does between two power cuts it can do quickly. */
export const quickFileSystem: FileSystem = { ...nodeFileSystem, fsyncSync: () => {} };

/**
 * The real file system (without flushing, which only a power cut would tell), of which one chosen call fails or is the last that the process makes. A failing write writes
 * half of its bytes first, as a full disk does.
 */
export function faultyFileSystem({ at, with: fault }: FaultPlan = {}): FaultyFileSystem {
  const calls: SeenCall[] = [];
  let cut = false;
  const wrap =
    (name: Call) =>
    (...args: unknown[]): unknown => {
      if (cut) {
        // The system closes what a dead process had open.
        if (name === 'closeSync') closeSync(args[0] as number);
        throw new CutOff(`cut before ${name}`);
      }
      const index = calls.length;
      calls.push({ name, target: String(args[0]) });
      const real = quickFileSystem[name] as (...all: unknown[]) => unknown;
      if (index !== at || fault === undefined) return real(...args);
      if (fault === 'cut') {
        const result = real(...args);
        cut = true;
        if (name === 'openSync') closeSync(result as number);
        throw new CutOff(`cut after ${name}`);
      }
      if (name === 'closeSync') real(...args);
      if (name === 'writeSync') {
        const bytes = args[1] as Buffer;
        real(args[0], bytes, 0, Math.floor(bytes.length / 2), args[4]);
      }
      throw Object.assign(new Error(`${fault}: injected into ${name}`), { code: fault, syscall: name });
    };
  const fs = Object.fromEntries(
    Object.keys(FILE_SYSTEM_CALLS).map((name) => [name, wrap(name as Call)]),
  ) as unknown as FileSystem;
  return { fs, calls, isCut: () => cut };
}

/** Every call of `FileSystem`; the compiler keeps the list complete. */
const FILE_SYSTEM_CALLS: Record<Call, true> = {
  openSync: true,
  closeSync: true,
  fstatSync: true,
  lstatSync: true,
  readFileSync: true,
  readSync: true,
  readdirSync: true,
  writeSync: true,
  fsyncSync: true,
  fchmodSync: true,
  ftruncateSync: true,
  futimesSync: true,
  copyFileSync: true,
  linkSync: true,
  renameSync: true,
  unlinkSync: true,
  mkdirSync: true,
};
