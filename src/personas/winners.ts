import { compareVersions } from './version.ts';

/** What decides which of several packs with one id is used. */
export interface Candidate {
  readonly id: string;
  readonly version: string;
  /** Absolute path of the pack. */
  readonly dir: string;
  /** Name of the pack's folder. */
  readonly folder: string;
  /** Place of its search path among all, from 0. */
  readonly searchPathIndex: number;
  /** Named by the operator for this run: beats every other pack of its id. */
  readonly pinned?: boolean;
}

/**
 * The winner of each id, the one rule that every part of Nexo uses: the pack that the operator named, then the
 * earlier search path, then the higher version, then the folder that is named as a pack's should be, then the name
 * that comes first. The answer does not depend on the order of `candidates`.
 */
export function chooseWinners<T extends Candidate>(candidates: readonly T[]): ReadonlyMap<string, T> {
  const winners = new Map<string, T>();
  for (const candidate of candidates) {
    const current = winners.get(candidate.id);
    if (current === undefined || compareCandidates(candidate, current) < 0)
      winners.set(candidate.id, candidate);
  }
  return winners;
}

/** Negative when `a` is to be used rather than `b`. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(b.pinned === true) - Number(a.pinned === true) ||
    a.searchPathIndex - b.searchPathIndex ||
    compareVersions(b.version, a.version) ||
    Number(isNamedWell(b)) - Number(isNamedWell(a)) ||
    Buffer.compare(Buffer.from(a.dir), Buffer.from(b.dir))
  );
}

/** Whether a pack's folder is called `<id>-<version>`. */
export function isNamedWell({ id, version, folder }: Candidate): boolean {
  return folder === `${id}-${version}`;
}
