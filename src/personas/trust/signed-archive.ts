import { createVerify, type KeyObject, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { SignedEntity } from '@sigstore/verify';

import { ioError } from '../../base/file-errors.ts';
import { packError } from '../pack-error.ts';

const CHUNK_BYTES = 1024 * 1024;

type SignatureContent = SignedEntity['signature'];

/**
 * The signature over an archive that stays on disk: it is read in pieces when the signature itself is checked, so that
 * memory does not grow with it. `digest` is that of the archive as it was downloaded, and not what a bundle claims.
 */
export class SignedArchive implements SignatureContent {
  readonly signature: Buffer;
  readonly #path: string;
  readonly #digest: Buffer;

  constructor(path: string, digest: Buffer, signature: Buffer) {
    this.#path = path;
    this.#digest = digest;
    this.signature = signature;
  }

  compareSignature(signature: Buffer): boolean {
    return isEqual(signature, this.signature);
  }

  compareDigest(digest: Buffer): boolean {
    return isEqual(digest, this.#digest);
  }

  compareSignedDigest(digest: Buffer): boolean {
    return this.compareDigest(digest);
  }

  /** ECDSA on P-256 with SHA-256, over the bytes themselves. Throws PACK_SIGNATURE_INVALID for any other key. */
  verifySignature(key: KeyObject): boolean {
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      throw packError('UnsupportedKey', 'the signature was made with another kind of key than ECDSA P-256.');
    const verify = createVerify('sha256');
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let descriptor: number;
    try {
      descriptor = openSync(this.#path, 'r');
    } catch (error) {
      throw ioError(this.#path, 'read', error);
    }
    try {
      for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk))
        verify.update(chunk.subarray(0, read));
    } finally {
      closeSync(descriptor);
    }
    return verify.verify(key, this.signature);
  }
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
