import { X509Certificate } from 'node:crypto';
import {
  type Bundle,
  bundleFromJSON,
  type TransparencyLogEntry,
  toMessageSignatureBundle,
} from '@sigstore/bundle';
import { z } from 'zod';

import { packError } from '../pack-error.ts';
import { type LogEntry, toLogEntry } from './log-entry.ts';

/** What older signing tools write as a bundle. */
const OldBundleSchema = z.object({
  base64Signature: z.string().max(4096),
  cert: z.string().max(65_536),
  rekorBundle: z.object({
    SignedEntryTimestamp: z.string().max(4096),
    Payload: z.object({
      body: z.string().max(1024 * 1024),
      integratedTime: z.int().positive(),
      logIndex: z.int().nonnegative(),
      logID: z.string().max(128),
    }),
  }),
});

/** Reads a bundle of either form. Throws PACK_SIGNATURE_INVALID. */
export function readBundle(bytes: Buffer, digest: Buffer): Bundle {
  let raw: unknown;
  try {
    raw = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw packError('SignatureDecodeFailed', 'the signature bundle is not JSON.');
  }
  const old = OldBundleSchema.safeParse(raw);
  if (old.success) return fromOldBundle(old.data, digest);
  try {
    return bundleFromJSON(raw);
  } catch (error) {
    throw packError('SignatureDecodeFailed', 'the signature bundle is not one of Sigstore.', {
      cause: error,
    });
  }
}

/** A bundle from separate files, and what the transparency log said about them. */
export function bundleOfPair(
  signature: Buffer,
  certificate: X509Certificate,
  digest: Buffer,
  entry: TransparencyLogEntry,
): Bundle {
  const bundle = toMessageSignatureBundle({ digest, signature, certificate: certificate.raw });
  bundle.verificationMaterial.tlogEntries = [entry];
  return bundle;
}

/** A `.sig` file: base64 of a signature in DER. Throws PACK_SIGNATURE_INVALID. */
export function readSignature(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').trim();
  const signature = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  // A DER sequence of two numbers; for P-256 they are 32 bytes each at most.
  if (signature !== undefined && signature[0] === 0x30 && signature.length >= 8 && signature.length <= 160)
    return signature;
  throw packError('SignatureDecodeFailed', 'the signature file is not base64 of an ECDSA signature.');
}

/** A certificate as PEM, as base64 of PEM, or as DER. Throws PACK_SIGNATURE_INVALID. */
export function readCertificate(bytes: Buffer): X509Certificate {
  const text = bytes.toString('latin1').trim();
  const pem = /^[A-Za-z0-9+/\s]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('latin1') : text;
  try {
    return new X509Certificate(pem.includes('-----BEGIN CERTIFICATE-----') ? pem : bytes);
  } catch (error) {
    throw packError('CertParseFailed', 'the certificate of the signature cannot be read.', { cause: error });
  }
}

function fromOldBundle(
  { base64Signature, cert, rekorBundle }: z.infer<typeof OldBundleSchema>,
  digest: Buffer,
): Bundle {
  const { SignedEntryTimestamp, Payload } = rekorBundle;
  const entry: LogEntry = { ...Payload, verification: { signedEntryTimestamp: SignedEntryTimestamp } };
  return bundleOfPair(
    readSignature(Buffer.from(base64Signature)),
    readCertificate(Buffer.from(cert)),
    digest,
    toLogEntry(entry),
  );
}
