import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bundleToJSON, type TransparencyLogEntry, toMessageSignatureBundle } from '@sigstore/bundle';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from '@sigstore/mock';
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';

const ISSUER_OID = '1.3.6.1.4.1.57264.1.8';
const SOURCE_OID = '1.3.6.1.4.1.57264.1.12';
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com';

export interface SignOptions {
  readonly identity: string;
  readonly issuer?: string;
  readonly sourceRepository?: string;
}

export interface Signed {
  /** The new form, all in one. */
  readonly bundle: string;
  /** The two files of the old form. */
  readonly sig: string;
  readonly certPem: string;
  /** What the log gives out about it. */
  readonly logEntry: Readonly<Record<string, unknown>>;
  /** The form that older tools call a bundle. */
  readonly oldBundle: string;
}

/** A certificate authority, a certificate log, a signature log and a timestamp authority, all ours, in this process. */
export interface SigningAuthority {
  readonly trustedRoot: string;
  sign(bytes: Buffer, options: SignOptions): Promise<Signed>;
  /** What the authority and the log answer to the requests of a signer, by path. */
  readonly services: readonly ReturnType<typeof fulcioHandler>[];
}

/**
 * Makes an authority with keys of its own. `certifiedAt` is when certificates begin to be valid (for ten minutes), and
 * `loggedAt` what the log says the time is.
 */
export async function createSigningAuthority({
  certifiedAt = new Date(),
  loggedAt = new Date(certifiedAt.getTime() + 1000),
}: {
  certifiedAt?: Date;
  loggedAt?: Date;
} = {}): Promise<SigningAuthority> {
  const ctKeys = keyPair();
  const ctLog = await initializeCTLog(ctKeys, certifiedAt);
  // The chain is signed with the stronger curve, as that of the public authority is.
  const ca = await initializeCA(keyPair('P-384'), ctLog, certifiedAt);
  const logKeys = keyPair();
  const tsa = await initializeTSA(keyPair('P-384'), wholeSecond(loggedAt));
  const tlog = await initializeTLog('https://rekor.example', logKeys, loggedAt);
  const since = { start: new Date(0) };
  const key = (rawBytes: Buffer) => ({
    rawBytes,
    keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
    validFor: since,
  });
  const log = (baseUrl: string, rawBytes: Buffer, keyId: Buffer) => ({
    baseUrl,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: key(rawBytes),
    logId: { keyId },
    checkpointKeyId: undefined,
    operator: '',
  });
  const root: TrustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      log('https://rekor.example', tlog.publicKey, createHash('sha256').update(tlog.publicKey).digest()),
    ],
    ctlogs: [log('https://ct.example', ctLog.publicKey, bufferOf(ctLog.logID))],
    certificateAuthorities: [
      {
        subject: { commonName: 'sigstore', organization: 'sigstore.mock' },
        uri: 'https://ca.example',
        certChain: { certificates: [{ rawBytes: bufferOf(ca.rootCertificate) }] },
        validFor: since,
        operator: '',
      },
    ],
    timestampAuthorities: [
      {
        subject: { commonName: 'tsa', organization: 'sigstore.mock' },
        uri: 'https://tsa.example',
        certChain: {
          certificates: [tsa.intCertificate, tsa.rootCertificate].map((certificate) => ({
            rawBytes: bufferOf(certificate),
          })),
        },
        validFor: since,
        operator: '',
      },
    ],
  };
  return {
    trustedRoot: JSON.stringify(TrustedRoot.toJSON(root), null, 2),
    services: [fulcioHandler(ca), rekorHandler(tlog), tsaHandler(tsa)],
    sign: async (bytes, { identity, issuer = GITHUB_ISSUER, sourceRepository }) => {
      const { publicKey, privateKey } = keyPair();
      const certificate = bufferOf(
        await ca.issueCertificate({
          publicKey: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
          subjectAltName: identity,
          extensions: [
            { oid: ISSUER_OID, value: issuer },
            ...(sourceRepository === undefined ? [] : [{ oid: SOURCE_OID, value: sourceRepository }]),
          ],
        }),
      );
      return signWith({ bytes, privateKey, certificate, log: (entry) => tlog.log(entry) });
    },
  };
}

async function signWith({
  bytes,
  privateKey,
  certificate,
  log,
}: {
  bytes: Buffer;
  privateKey: KeyObject;
  certificate: Buffer;
  log: (entry: object) => Promise<object>;
}): Promise<Signed> {
  const digest = createHash('sha256').update(bytes).digest();
  const signature = sign('sha256', bytes, privateKey);
  const certPem = toPem(certificate);
  const answer = await log({
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: {
        content: signature.toString('base64'),
        publicKey: { content: Buffer.from(certPem).toString('base64') },
      },
    },
  });
  const [entry] = Object.values(answer) as [MockEntry];
  const bundle = toMessageSignatureBundle({ digest, signature, certificate });
  bundle.verificationMaterial.tlogEntries = [toProto(entry)];
  return {
    bundle: JSON.stringify(bundleToJSON(bundle)),
    sig: signature.toString('base64'),
    certPem,
    logEntry: answer as Readonly<Record<string, unknown>>,
    oldBundle: JSON.stringify({
      base64Signature: signature.toString('base64'),
      cert: Buffer.from(certPem).toString('base64'),
      rekorBundle: {
        SignedEntryTimestamp: entry.verification.signedEntryTimestamp,
        Payload: {
          body: entry.body,
          integratedTime: entry.integratedTime,
          logIndex: entry.logIndex,
          logID: entry.logID,
        },
      },
    }),
  };
}

interface MockEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly treeSize: number;
      readonly rootHash: string;
      readonly hashes: readonly string[];
      readonly checkpoint: string;
    };
  };
}

function toProto({ body, integratedTime, logID, logIndex, verification }: MockEntry): TransparencyLogEntry {
  const { inclusionProof, signedEntryTimestamp } = verification;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex') },
    kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64') },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      treeSize: String(inclusionProof.treeSize),
      rootHash: Buffer.from(inclusionProof.rootHash, 'hex'),
      hashes: [],
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: Buffer.from(body, 'base64'),
  };
}

/** The verifier reads times of timestamps without fractions, which is how authorities write them. */
function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

function keyPair(namedCurve = 'P-256'): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve });
}

function bufferOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
