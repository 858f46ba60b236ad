import { readFileSync } from 'node:fs';
import { bundleToJSON } from '@sigstore/bundle';
import { FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } from '@sigstore/sign';

import { systemErrorCode } from '../../errors.ts';
import { packError } from '../pack-error.ts';

export interface SigningServices {
  /** A file with the token that says who signs, as the identity provider gave it. */
  readonly identityTokenFile: string;
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  /** Also lets an authority vouch for the time. */
  readonly tsaUrl?: string;
}

/** How long one request to a service may take, in milliseconds, and how often it is made again. */
const TIMEOUT_MS = 20_000;
const RETRIES = 2;
const MAX_TOKEN_BYTES = 64 * 1024;

/**
 * Signs an archive without a key of one's own: the authority certifies a key for some minutes to whoever the token
 * names, and the log records the signature. Answers with the bundle, as text. Throws PACK_SIGNATURE_INVALID.
 */
export async function signArchive(archive: Buffer, services: SigningServices): Promise<string> {
  const token = readToken(services.identityTokenFile);
  const request = { timeout: TIMEOUT_MS, retry: RETRIES };
  const signer = new FulcioSigner({
    fulcioBaseURL: services.fulcioUrl,
    identityProvider: { getToken: async () => token },
    ...request,
  });
  const witnesses = [
    new RekorWitness({ rekorBaseURL: services.rekorUrl, ...request }),
    ...(services.tsaUrl === undefined ? [] : [new TSAWitness({ tsaBaseURL: services.tsaUrl, ...request })]),
  ];
  try {
    const bundle = await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data: archive });
    return `${JSON.stringify(bundleToJSON(bundle))}\n`;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw packError(
      'VerifyIo',
      `The archive was not signed: ${String(reason).replaceAll(token, '[token]')}.`,
      {
        hint: 'Get a fresh token, for the audience sigstore, and check that both services can be reached.',
      },
    );
  }
}

function readToken(file: string): string {
  let text: string;
  try {
    const bytes = readFileSync(file);
    text = bytes.length > MAX_TOKEN_BYTES ? '' : bytes.toString('utf8').trim();
  } catch (error) {
    throw packError('Io', `${file} cannot be read: ${systemErrorCode(error) ?? String(error)}.`, {
      hint: 'Write the identity token into a file and name it with --identity-token-file.',
    });
  }
  if (/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return text;
  throw packError('VerifyIo', `${file} holds no identity token.`, {
    hint: 'It has to be the token alone, three parts with dots between them.',
  });
}
