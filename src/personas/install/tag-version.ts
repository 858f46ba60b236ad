import { packError } from '../pack-error.ts';
import { isVersion } from '../version.ts';

/** The version that a release tag stands for, with or without one `v`. Throws PACK_RELEASE_INVALID. */
export function versionOfTag(tag: string): string {
  const version = tag.startsWith('v') ? tag.slice(1) : tag;
  if (isVersion(version)) return version;
  throw packError(
    'ReleaseShape',
    `release tag does not parse as semver: tag ${JSON.stringify(tag.slice(0, 80))}.`,
    { hint: 'Its author has to tag the release vX.Y.Z; pin another one with owner/repo@tag.' },
  );
}
