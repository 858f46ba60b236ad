import { packError } from '../pack-error.ts';
import { parseRequirement } from '../requirement.ts';
import { requireOneOf } from './assets.ts';
import type { PackContract, PackIdentity } from './contract.ts';
import { type Coordinates, LATEST } from './coordinates.ts';
import { type HttpWorld, readWhole } from './http-client.ts';
import { type Release, readRelease } from './release.ts';
import { versionOfTag } from './tag-version.ts';

export interface ResolvedRelease<M> {
  readonly release: Release;
  readonly manifest: M;
  readonly identity: PackIdentity;
}

const MAX_MANIFEST_BYTES = 256 * 1024;

/**
 * Finds the release and reads its manifest, which has to be of the version that the tag names and to fit this Nexo.
 * Throws PACK_DOWNLOAD_FAILED, PACK_RELEASE_INVALID, PACK_MANIFEST_INVALID, PACK_CONTENT_MISMATCH, PACK_TOO_NEW.
 */
export async function resolveRelease<M>(
  contract: PackContract<M>,
  { http, nexoVersion }: { http: HttpWorld; nexoVersion: string },
  coordinates: Coordinates,
): Promise<ResolvedRelease<M>> {
  const release = await readRelease(http, coordinates);
  if (coordinates.tag !== LATEST && release.tag !== coordinates.tag) {
    throw packError('ReleaseShape', `the server answers with release ${JSON.stringify(release.tag)}.`);
  }
  const version = versionOfTag(release.tag);
  const asset = requireOneOf(release, contract.manifestAssets);
  const bytes = await readWhole(http, {
    url: asset.url,
    what: asset.name,
    accept: asset.accept,
    maxBytes: MAX_MANIFEST_BYTES,
    tooLarge: 'ReleaseShape',
  });
  const manifest = contract.parse(decode(bytes, asset.name), asset.name);
  const identity = contract.identify(manifest);
  if (identity.version !== version) {
    throw packError(
      'ManifestVersionMismatch',
      `${asset.name} says version ${identity.version}, and the release is tagged ${release.tag}.`,
      { hint: 'Its author has to tag the release with the version of the manifest.' },
    );
  }
  assertFits(identity, nexoVersion);
  return { release, manifest, identity };
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw packError('ManifestInvalid', `${name} is not UTF-8 text.`);
  }
}

/** Throws PACK_TOO_NEW. */
function assertFits({ id, version, minNexoVersion }: PackIdentity, nexoVersion: string): void {
  const parsed = parseRequirement(minNexoVersion);
  if (!parsed.ok) throw packError('InvalidMinNexoVersion', `min_nexo_version ${parsed.reason}.`);
  if (parsed.requirement.allows(nexoVersion)) return;
  throw packError(
    'MinNexoVersionMismatch',
    `${id} ${version} needs Nexo ${minNexoVersion}, and this is ${nexoVersion}.`,
    {
      hint: 'Update Nexo, or install an older version of the pack with owner/repo@tag.',
    },
  );
}
