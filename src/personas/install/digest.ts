import { packError } from '../pack-error.ts';
import type { Asset } from './release.ts';

/**
 * The digest in a `.sha256` file: its first word; a second one, as `sha256sum` writes it, has to be the archive's own
 * name. Throws PACK_DIGEST_INVALID.
 */
export function parseDigest(bytes: Buffer, archiveName: string): string {
  const text = bytes.toString('utf8');
  const [digest = '', ...rest] = text.trim().split(/\s+/);
  if (!/^[0-9a-fA-F]{64}$/.test(digest)) {
    throw packError('Sha256Invalid', `${archiveName}.sha256 does not begin with a sha256 of 64 digits.`);
  }
  // In binary mode sha256sum puts an asterisk in front of the name.
  const named = rest.join(' ').replace(/^\*/, '').replace(/^\.\//, '');
  if (named !== '' && named !== archiveName) {
    throw packError('Sha256Invalid', `${archiveName}.sha256 is about another file.`, {
      data: { named: named.slice(0, 255) },
    });
  }
  return digest.toLowerCase();
}

/** Throws PACK_DIGEST_MISMATCH when the release server and the digest file disagree about the archive. */
export function assertSameDigest(archive: Asset, fromFile: string): void {
  if (archive.sha256 === undefined || archive.sha256 === fromFile) return;
  throw mismatch(
    `${archive.name}: the release says sha256 ${archive.sha256}, its .sha256 file says ${fromFile}.`,
    {
      expected: archive.sha256,
      got: fromFile,
    },
  );
}

/** Throws PACK_DIGEST_MISMATCH. */
export function assertDigest(name: string, expected: string, got: string): void {
  if (expected === got) return;
  throw mismatch(`${name}: sha256 is ${got}, the release says ${expected}.`, { expected, got });
}

function mismatch(message: string, data: Readonly<Record<string, string>>): Error {
  return packError('Sha256Mismatch', message, {
    hint: 'Do not use it. Try again; if it stays so, tell the author of the pack.',
    data,
  });
}
