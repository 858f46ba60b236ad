import type { Bundle } from '@sigstore/bundle';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { type Signer, toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify';

import { NexoError } from '../../errors.ts';
import { type Coordinates, isSameRepository } from '../install/coordinates.ts';
import { type PackKind, packError } from '../pack-error.ts';
import type { TrustedAuthor } from './policy.ts';
import { SignedArchive } from './signed-archive.ts';

/** Who signed an archive, proven. */
export interface ProvenSigner {
  /** The certificate's alternative name, such as the address of a workflow. */
  readonly identity: string;
  readonly issuer: string;
}

export interface VerifyRequest {
  readonly archive: string;
  readonly sha256: string;
  readonly bundle: Bundle;
  readonly root: TrustedRoot;
  readonly author: TrustedAuthor;
  readonly coordinates: Pick<Coordinates, 'owner' | 'repo'>;
}

/** Longest identity that a pattern is tried on, in characters. */
const MAX_IDENTITY = 2048;
/** The repository that a workflow was started for, in a certificate of Fulcio. */
const SOURCE_REPOSITORY_OID = '1.3.6.1.4.1.57264.1.12';

/**
 * Verifies that a trusted authority certified the signer, at a time that a log or an authority vouches for, that the log
 * holds this signature, that it is over these bytes, and that the signer is the one the operator trusts with packs of
 * this owner. Throws PACK_SIGNATURE_INVALID with the kind of what failed.
 */
export function verifySignature(request: VerifyRequest): ProvenSigner {
  const { archive, bundle, root } = request;
  const digest = Buffer.from(request.sha256, 'hex');
  const { content } = bundle;
  if (content.$case !== 'messageSignature')
    throw packError(
      'SignatureDecodeFailed',
      'the bundle is an attestation, and not a signature of the archive.',
    );
  if (bundle.verificationMaterial.content.$case === 'publicKey')
    throw packError(
      'UnsupportedKey',
      'the signature names a bare key; only certificates say whose they are.',
    );
  const { messageDigest, signature } = content.messageSignature;
  if (messageDigest === undefined || !Buffer.from(messageDigest.digest).equals(digest))
    throw packError('SignatureMismatch', 'the signature is over other bytes than this archive.');
  const signed = new SignedArchive(archive, digest, Buffer.from(signature));
  const signer = verified(() => {
    const entity = { ...toSignedEntity(bundle), signature: signed };
    return new Verifier(toTrustMaterial(root)).verify(entity);
  });
  return assertTrusted(signer, request);
}

function verified(verify: () => Signer): Signer {
  try {
    return verify();
  } catch (error) {
    if (error instanceof NexoError) throw error;
    if (!(error instanceof VerificationError)) {
      throw packError('CertParseFailed', 'the signature or its certificate cannot be read.', {
        cause: error,
      });
    }
    const kind = kindOf(error);
    throw packError(kind, `${MEANING[kind] ?? 'the signature does not hold'}: ${error.message}.`, {
      hint: 'Do not use it; tell the author of the pack.',
      cause: error,
    });
  }
}

function kindOf({ code, message }: VerificationError): PackKind {
  if (code === 'TLOG_ERROR' && message.startsWith('expected')) return 'TlogEntryNotFound';
  return code.startsWith('TLOG_') ? 'TlogInvalid' : (KINDS[code] ?? 'SignatureMismatch');
}

const KINDS: Readonly<Record<string, PackKind>> = {
  CERTIFICATE_ERROR: 'ChainUntrusted',
  PUBLIC_KEY_ERROR: 'UnsupportedKey',
  TIMESTAMP_ERROR: 'TimestampMissing',
};

const MEANING: Readonly<Partial<Record<PackKind, string>>> = {
  ChainUntrusted: 'no trusted authority certified the signer at that time',
  TimestampMissing: 'nobody vouches for the time of the signature',
  TlogEntryNotFound: 'the signature is in no transparency log',
  TlogInvalid: 'the entry in the transparency log does not hold',
  SignatureMismatch: 'the signature is not over this archive',
};

function assertTrusted({ identity }: Signer, { author, coordinates }: VerifyRequest): ProvenSigner {
  const name = identity?.subjectAlternativeName;
  if (name === undefined || name === '' || name.length > MAX_IDENTITY)
    throw packError('IdentityNotFound', 'the certificate of the signature names nobody.');
  const issuer = identity?.extensions?.issuer ?? '';
  const data = { identity: name, issuer };
  if (issuer !== author.issuer) {
    throw packError(
      'IssuerMismatch',
      `the signer was identified by ${issuer || 'nobody'}, not by ${author.issuer}.`,
      {
        data,
      },
    );
  }
  if (!author.identity.test(name)) {
    throw packError(
      'IdentityMismatch',
      `it is signed by ${name}, whom identity_regexp of ${author.owner} does not match.`,
      {
        hint: 'The pattern has to match the whole identity.',
        data,
      },
    );
  }
  if (!isOfRepository(name, sourceRepository(identity?.oids ?? []), coordinates)) {
    throw packError(
      'IdentityMismatch',
      `it is signed by ${name}, which is not of ${coordinates.owner}/${coordinates.repo}.`,
      { hint: 'A signature of another repository cannot be used for this one.', data },
    );
  }
  return { identity: name, issuer };
}

/** A workflow signs for its own repository, or is shared and was started for that repository. People sign for any. */
function isOfRepository(
  identity: string,
  source: string | undefined,
  coordinates: Pick<Coordinates, 'owner' | 'repo'>,
): boolean {
  const addresses = [identity, source].filter((each) => each !== undefined && URL.canParse(each));
  const workflow = URL.canParse(identity) && new URL(identity).pathname.includes('/.github/workflows/');
  if (!workflow) return true;
  return addresses.some((address) => {
    const [owner = '', repo = ''] = new URL(address ?? '').pathname.split('/').filter((part) => part !== '');
    return isSameRepository({ owner, repo }, coordinates);
  });
}

function sourceRepository(oids: NonNullable<Signer['identity']>['oids']): string | undefined {
  const found = oids?.find(({ oid }) => oid?.id.join('.') === SOURCE_REPOSITORY_OID);
  // A DER text: its tag, its length in one byte, and the text itself.
  return found?.value[0] === 0x0c ? Buffer.from(found.value).subarray(2).toString('utf8') : undefined;
}

/** The signer without the release that it signed, which is another one each time. */
export function lastingIdentity(identity: string): string {
  return identity.replace(/@refs\/.*$/, '');
}
