import { packError } from '../pack-error.ts';
import type { Asset, Release } from './release.ts';
import { acceptableTargets } from './target.ts';

/** Endings of what may lie beside an archive, in order of preference. */
const BUNDLE_ENDINGS = ['.sigstore.json', '.sigstore', '.bundle'];
const CERTIFICATE_ENDINGS = ['.cert', '.pem', '.crt'];

/** What proves where an archive comes from. */
export type SigningAssets =
  | { readonly kind: 'none' }
  | { readonly kind: 'bundle'; readonly bundle: Asset }
  | { readonly kind: 'pair'; readonly signature: Asset; readonly certificate: Asset }
  /** One of the two without the other. */
  | { readonly kind: 'half'; readonly found: string; readonly missing: string };

export interface ChosenAssets {
  readonly archive: Asset;
  /** The target that matched, which may be a fallback. */
  readonly target: string;
  readonly digest: Asset;
  readonly signing: SigningAssets;
}

/** The one asset of that name. Throws PACK_RELEASE_INVALID when it is missing or there are two. */
export function requireAsset({ assets }: Release, name: string): Asset {
  const asset = findAsset(assets, name);
  if (asset === undefined) throw packError('ReleaseShape', `release is missing required asset ${name}.`);
  return asset;
}

/** The first of these names that the release has; the last one is named when it has none. */
export function requireOneOf(release: Release, names: readonly [string, ...string[]]): Asset {
  const found = names.map((name) => findAsset(release.assets, name)).find((asset) => asset !== undefined);
  return found ?? requireAsset(release, names[0]);
}

/**
 * The archive for a target with what belongs to it.
 * Throws PACK_TARGET_MISSING with what there is, PACK_RELEASE_INVALID.
 */
export function chooseAssets(release: Release, id: string, version: string, target: string): ChosenAssets {
  for (const candidate of acceptableTargets(target)) {
    const archive = findAsset(release.assets, `${id}-${version}-${candidate}.tar.gz`);
    if (archive === undefined) continue;
    return {
      archive,
      target: candidate,
      digest: requireAsset(release, `${archive.name}.sha256`),
      signing: signingAssets(release, archive.name),
    };
  }
  const available = release.assets.map(({ name }) => name).filter((name) => name.endsWith('.tar.gz'));
  throw packError('TargetNotFound', `${id} ${version} has no archive for ${target}.`, {
    hint:
      available.length === 0
        ? 'The release has no archive at all; tell its author.'
        : `There are: ${available.slice(0, 20).join(', ')}. Choose one with --target.`,
    data: { available },
  });
}

function signingAssets({ assets }: Release, archive: string): SigningAssets {
  const firstOf = (endings: readonly string[]): Asset | undefined =>
    endings.map((ending) => findAsset(assets, archive + ending)).find((asset) => asset !== undefined);
  const bundle = firstOf(BUNDLE_ENDINGS);
  if (bundle !== undefined) return { kind: 'bundle', bundle };
  const signature = firstOf(['.sig']);
  const certificate = firstOf(CERTIFICATE_ENDINGS);
  if (signature !== undefined && certificate !== undefined) return { kind: 'pair', signature, certificate };
  if (signature !== undefined) return { kind: 'half', found: signature.name, missing: `${archive}.cert` };
  if (certificate !== undefined) return { kind: 'half', found: certificate.name, missing: `${archive}.sig` };
  return { kind: 'none' };
}

function findAsset(assets: readonly Asset[], name: string): Asset | undefined {
  const found = assets.filter((asset) => asset.name === name);
  if (found.length > 1)
    throw packError('ReleaseShape', `the release has ${found.length} assets named ${name}.`);
  return found[0];
}
