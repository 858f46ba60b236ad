import {
  type Coordinates,
  isSameRepository,
  LATEST,
  parseCoordinates,
  repositoryOfHomepage,
} from './install/coordinates.ts';
import type { InstallMetadata } from './installed/metadata.ts';
import { packError } from './pack-error.ts';
import { compareVersions } from './version.ts';

/** A pack that is installed, as far as its next version depends on it. */
export interface Upgradable {
  readonly id: string;
  readonly version: string;
  readonly homepage: string | undefined;
  readonly metadata: InstallMetadata | undefined;
}

/**
 * Where the next version of a pack comes from: the repository that its homepage names, which has to be the one that it
 * was installed from, or the one that the operator names. A pack cannot send its own updates elsewhere.
 * Throws PACK_SOURCE_UNKNOWN, PACK_SOURCE_CHANGED, PACK_COORDS_INVALID.
 */
export function upgradeSource({ id, homepage, metadata }: Upgradable, from: string | undefined): Coordinates {
  if (from !== undefined) return { ...parseCoordinates(from), tag: LATEST };
  const named = repositoryOfHomepage(homepage);
  if (named === undefined) {
    throw packError('NoSourceRepo', `${id} does not name a repository on GitHub as its homepage.`, {
      hint: `nexo persona install owner/repo installs its latest release by hand.`,
    });
  }
  if (metadata !== undefined && !isSameRepository(named, metadata)) {
    const was = `${metadata.owner}/${metadata.repo}`;
    const now = `${named.owner}/${named.repo}`;
    throw packError('SourceMismatch', `${id} was installed from ${was}, and its homepage is ${now} now.`, {
      hint: `Repeat the command with --from ${was}, or --from ${now} if you trust that one.`,
      data: { installed_from: was, homepage: now },
    });
  }
  return { ...named, tag: LATEST };
}

/** Throws PACK_DOWNGRADE_REFUSED when the latest release is older than what is installed. */
export function compareWithInstalled(
  { id, version }: Pick<Upgradable, 'id' | 'version'>,
  source: Coordinates,
  latest: string,
): 'newer' | 'same' {
  const order = compareVersions(latest, version);
  if (order > 0) return 'newer';
  if (order === 0) return 'same';
  throw packError(
    'DowngradeRefused',
    `${id} ${version} is installed, and the latest release is ${latest}, which is older.`,
    {
      hint: `nexo persona install ${source.owner}/${source.repo}@v${latest} installs it beside the newer one.`,
      data: { installed: version, latest },
    },
  );
}
