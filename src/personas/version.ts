import { compareBuild } from 'semver';

/** The grammar of semver.org, without a leading `v`: no partial versions, no leading zeros. */
const STRICT =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Longest version that is taken, in characters: it becomes part of a folder's name. */
const MAX_VERSION = 100;

/** Whether `text` is a whole semantic version as packs have to write it. */
export function isVersion(text: string): boolean {
  if (text.length > MAX_VERSION || !STRICT.test(text)) return false;
  return (text.split(/[-+]/)[0] ?? '').split('.').every((part) => Number.isSafeInteger(Number(part)));
}

/**
 * Negative when `a` is the older version. Build metadata counts last, so that the order is total: of two packs that
 * differ in nothing else, the same one wins everywhere. Both have to be versions.
 */
export function compareVersions(a: string, b: string): number {
  return compareBuild(a, b);
}
