import type { TransparencyLogEntry } from '@sigstore/bundle';
import { z } from 'zod';

import { type HttpWorld, readWhole } from '../install/http-client.ts';
import { resolveOrigin } from '../install/origin.ts';
import { packError } from '../pack-error.ts';

/** An entry of the transparency log, as version 1 of Rekor gives it out. */
const EntrySchema = z.object({
  body: z.base64().max(1024 * 1024),
  integratedTime: z.int().positive(),
  logIndex: z.int().nonnegative(),
  logID: z.hex().max(128),
  verification: z.object({
    signedEntryTimestamp: z.base64().max(4096),
    inclusionProof: z
      .object({
        logIndex: z.int().nonnegative(),
        treeSize: z.int().positive(),
        rootHash: z.hex(),
        hashes: z.array(z.hex()).max(128),
        checkpoint: z.string().max(65_536),
      })
      .optional(),
  }),
});

export type LogEntry = z.infer<typeof EntrySchema>;

const BodySchema = z.object({
  kind: z.string(),
  apiVersion: z.string(),
  spec: z.object({
    signature: z.object({ content: z.base64(), publicKey: z.object({ content: z.base64() }) }),
  }),
});

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Looks in the transparency log for the entry of one signature over one archive: a signature that comes with nothing but
 * a certificate has no proof of its time otherwise. Throws PACK_SIGNATURE_INVALID, PACK_DOWNLOAD_FAILED.
 */
export async function findLogEntry(
  world: HttpWorld,
  rekorUrl: string,
  { sha256, signature, certificatePem }: { sha256: string; signature: Buffer; certificatePem: string },
): Promise<TransparencyLogEntry> {
  const origin = resolveOrigin(rekorUrl);
  const ask = async (path: string, post: unknown): Promise<unknown> => {
    const bytes = await readWhole(
      { ...world, origin, token: undefined },
      {
        url: new URL(`${origin.base.href.replace(/\/$/, '')}${path}`),
        what: 'the transparency log',
        accept: 'application/json',
        maxBytes: MAX_BYTES,
        tooLarge: 'ReleaseShape',
        post: JSON.stringify(post),
      },
    );
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      throw packError('TlogInvalid', 'the transparency log does not answer with JSON.');
    }
  };
  const ids = z
    .array(z.string())
    .safeParse(await ask('/api/v1/index/retrieve', { hash: `sha256:${sha256}` }));
  const entryUUIDs = ids.success ? ids.data.slice(0, 10) : [];
  const found = entryUUIDs.length === 0 ? [] : await ask('/api/v1/log/entries/retrieve', { entryUUIDs });
  const entries = z.array(z.record(z.string(), EntrySchema)).safeParse(found);
  const entry = (entries.success ? entries.data : [])
    .flatMap((each) => Object.values(each))
    .find((each) => isEntryOf(each, signature, certificatePem));
  if (entry !== undefined) return toLogEntry(entry);
  throw packError('TlogEntryNotFound', 'the transparency log knows nothing of this signature.', {
    hint: 'Ask its author to publish the bundle of the signature beside the archive.',
  });
}

/** The entry in the form that is verified. Throws PACK_SIGNATURE_INVALID. */
export function toLogEntry(entry: LogEntry): TransparencyLogEntry {
  const body = readBody(entry);
  if (body === undefined)
    throw packError('TlogInvalid', 'the entry of the transparency log is not one of a signature.');
  const { inclusionProof, signedEntryTimestamp } = entry.verification;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex') },
    kindVersion: { kind: body.kind, version: body.apiVersion },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64') },
    inclusionProof: inclusionProof && {
      logIndex: String(inclusionProof.logIndex),
      treeSize: String(inclusionProof.treeSize),
      rootHash: Buffer.from(inclusionProof.rootHash, 'hex'),
      hashes: inclusionProof.hashes.map((hash) => Buffer.from(hash, 'hex')),
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: Buffer.from(entry.body, 'base64'),
  };
}

function isEntryOf(entry: LogEntry, signature: Buffer, certificatePem: string): boolean {
  const body = readBody(entry);
  if (body?.kind !== 'hashedrekord') return false;
  const { content, publicKey } = body.spec.signature;
  const pem = Buffer.from(publicKey.content, 'base64').toString('utf8');
  return Buffer.from(content, 'base64').equals(signature) && squeezed(pem) === squeezed(certificatePem);
}

function readBody(entry: LogEntry): z.infer<typeof BodySchema> | undefined {
  try {
    return BodySchema.safeParse(JSON.parse(Buffer.from(entry.body, 'base64').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function squeezed(pem: string): string {
  return pem.replace(/\s/g, '');
}
