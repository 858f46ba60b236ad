import fs from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

import { type Clock, isoTime } from '../../base/clock.ts';
import { readRegularFile, writeFileDurable } from '../../base/durable-file.ts';
import { ensureFolder } from '../../base/folder.ts';
import { withLock } from '../../base/lock.ts';
import type { Coordinates } from '../install/coordinates.ts';
import { packError } from '../pack-error.ts';
import type { PackFamily } from '../paths.ts';
import { lastingIdentity, type ProvenSigner } from './verify-signature.ts';

const SignersSchema = z.strictObject({
  schema_version: z.literal('1.0'),
  signers: z.record(
    z.string(),
    z.strictObject({ identity: z.string(), issuer: z.string(), since: z.string(), version: z.string() }),
  ),
});
type Signers = z.infer<typeof SignersSchema>;

export interface SignerQuestion {
  readonly family: PackFamily;
  readonly coordinates: Pick<Coordinates, 'owner' | 'repo'>;
  /** Undefined when nothing was verified. */
  readonly signer: ProvenSigner | undefined;
  /** The operator accepts whatever changed. */
  readonly accept: boolean;
}

/**
 * Holds a release against who signed the pack when it was first installed. Somebody else, or nobody any more, stops the
 * install until the operator accepts it: a stolen repository signs with another identity or not at all.
 * Throws PACK_SIGNER_CHANGED.
 */
export function assertSameSigner(
  file: string,
  { family, coordinates, signer, accept }: SignerQuestion,
): void {
  const known = readSigners(file).signers[keyOf(family, coordinates)];
  if (known === undefined || accept) return;
  const now = signer && { identity: lastingIdentity(signer.identity), issuer: signer.issuer };
  if (now?.identity === known.identity && now.issuer === known.issuer) return;
  const change =
    now === undefined ? 'the signature of this release is not verified' : `this release by ${now.identity}`;
  throw packError(
    'SignerChanged',
    `${keyOf(family, coordinates)} was signed by ${known.identity} before, and ${change}.`,
    {
      hint: 'Ask its author whether that is right; then repeat the command with --accept-signer.',
      data: { before: known.identity, now: now?.identity ?? null },
    },
  );
}

/** Remembers who signed, once the pack is in place; forgets it when the operator accepted that nobody does. */
export async function rememberSigner(
  file: string,
  { family, coordinates, signer, accept }: SignerQuestion,
  { version, clock }: { version: string; clock: Clock },
): Promise<void> {
  if (signer === undefined && !accept) return;
  ensureFolder(fs, dirname(file));
  await withLock(`${file}.lock`, () => {
    const { signers } = readSigners(file);
    const key = keyOf(family, coordinates);
    if (signer === undefined) {
      if (signers[key] === undefined) return;
      delete signers[key];
    } else {
      const identity = lastingIdentity(signer.identity);
      const known = signers[key];
      if (known?.identity === identity && known.issuer === signer.issuer) return;
      signers[key] = { identity, issuer: signer.issuer, since: isoTime(clock), version };
    }
    const content: Signers = { schema_version: '1.0', signers };
    writeFileDurable(fs, file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  });
}

function readSigners(file: string): Signers {
  const bytes = readRegularFile(fs, file)?.bytes;
  if (bytes === undefined) return { schema_version: '1.0', signers: {} };
  try {
    return SignersSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw packError('ConfigLoad', `${file} is damaged: it says who signed your packs before.`, {
      hint: 'Restore it from a backup, or move it away; then the next signer of each pack is taken for the right one.',
      cause: error,
    });
  }
}

/** GitHub does not tell upper from lower case. */
function keyOf(family: PackFamily, { owner, repo }: Pick<Coordinates, 'owner' | 'repo'>): string {
  return `${family} ${owner}/${repo}`.toLowerCase();
}
