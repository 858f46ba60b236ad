import { packError } from '../pack-error.ts';
import type { TrustDecision, TrustPolicy } from '../trust/policy.ts';
import type { ProvenSigner } from '../trust/verify-signature.ts';
import type { SigningAssets } from './assets.ts';
import type { Coordinates } from './coordinates.ts';
import { type HttpWorld, readWhole } from './http-client.ts';
import type { Asset } from './release.ts';

const MAX_MATERIAL_BYTES = 1024 * 1024;

export interface SignatureCheck {
  readonly http: HttpWorld;
  readonly policy: TrustPolicy;
  readonly decision: TrustDecision;
  readonly signing: SigningAssets;
  readonly coordinates: Coordinates;
  readonly archive: string;
  readonly sha256: string;
  readonly trustCache: string;
}

/**
 * Proves who signed an archive, as far as the decision asks for it; undefined when nothing is to be verified. The code
 * for signatures is loaded here, because most installs never need it. Throws PACK_SIGNATURE_INVALID,
 * PACK_TRUST_INVALID, PACK_DOWNLOAD_FAILED.
 */
export async function checkSignature(check: SignatureCheck): Promise<ProvenSigner | undefined> {
  const { decision, policy, signing, http, sha256, archive, coordinates } = check;
  const { author } = decision;
  if (decision.action !== 'verify' || author === undefined) return undefined;
  const [{ loadTrustedRoot }, material, { findLogEntry }, { verifySignature }] = await Promise.all([
    import('../trust/trusted-root.ts'),
    import('../trust/signing-material.ts'),
    import('../trust/log-entry.ts'),
    import('../trust/verify-signature.ts'),
  ]);
  const root = await loadTrustedRoot(policy, check.trustCache);
  const digest = Buffer.from(sha256, 'hex');
  const read = (asset: Asset): Promise<Buffer> =>
    readWhole(http, {
      url: asset.url,
      what: asset.name,
      accept: asset.accept,
      maxBytes: MAX_MATERIAL_BYTES,
      tooLarge: 'ReleaseShape',
    });
  const bundle = await (async () => {
    if (signing.kind === 'bundle') return material.readBundle(await read(signing.bundle), digest);
    if (signing.kind !== 'pair') throw packError('AssetIncomplete', 'the release is not signed.');
    const signature = material.readSignature(await read(signing.signature));
    const certificate = material.readCertificate(await read(signing.certificate));
    const certificatePem = certificate.toString();
    const entry = await findLogEntry(http, policy.rekorUrl, { sha256, signature, certificatePem });
    return material.bundleOfPair(signature, certificate, digest, entry);
  })();
  return verifySignature({ archive, sha256, bundle, root, author, coordinates });
}
