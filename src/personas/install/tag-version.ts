import { packError } from '../pack-error.ts';

/** The grammar of https://semver.org, version 2.0.0. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/** Longest version that becomes part of a folder's name. */
const MAX_VERSION = 100;

/** The version that a release tag stands for, with or without one `v`. Throws PACK_RELEASE_INVALID. */
export function versionOfTag(tag: string): string {
  const version = tag.startsWith('v') ? tag.slice(1) : tag;
  if (isVersion(version)) return version;
  throw packError(
    'ReleaseShape',
    `release tag does not parse as semver: tag ${JSON.stringify(tag.slice(0, 80))}.`,
    {
      hint: 'Its author has to tag the release vX.Y.Z; pin another one with owner/repo@tag.',
    },
  );
}

export function isVersion(text: string): boolean {
  if (text.length > MAX_VERSION) return false;
  const [, ...numbers] = SEMVER.exec(text) ?? [];
  return numbers.length > 0 && numbers.slice(0, 3).every((part) => Number.isSafeInteger(Number(part)));
}
