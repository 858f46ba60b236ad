import { readFileSync } from 'node:fs';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { getTrustedRoot } from '@sigstore/tuf';

import { packError } from '../pack-error.ts';
import type { TrustPolicy } from './policy.ts';

/** How long a look at the public root of trust may take, in milliseconds. */
const TUF_TIMEOUT_MS = 20_000;

/**
 * The certificate authorities, logs and time stamps that signatures are checked against: the operator's own file, else
 * the public one, which is kept up to date by its own signed rules. Throws PACK_TRUST_INVALID.
 */
export async function loadTrustedRoot(
  policy: Pick<TrustPolicy, 'file' | 'trustedRoot' | 'tufMirror'>,
  cachePath: string,
): Promise<TrustedRoot> {
  if (policy.trustedRoot !== undefined) return readTrustedRoot(policy.trustedRoot);
  try {
    return await getTrustedRoot({
      cachePath,
      timeout: TUF_TIMEOUT_MS,
      retry: 1,
      ...(policy.tufMirror !== undefined && { mirrorURL: policy.tufMirror }),
    });
  } catch (error) {
    throw packError(
      'TrustedRootUnavailable',
      'the public root of trust cannot be read, so no signature can be checked.',
      {
        hint: `Check the network, or name a file with trusted_root in ${policy.file}.`,
        cause: error,
      },
    );
  }
}

function readTrustedRoot(path: string): TrustedRoot {
  try {
    return TrustedRoot.fromJSON(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw packError('TrustedRootUnavailable', `${path} is no root of trust.`, {
      hint: 'trusted_root names the trusted_root.json of a Sigstore instance.',
      cause: error,
    });
  }
}
