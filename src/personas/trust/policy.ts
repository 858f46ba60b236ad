import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';

import { ioError } from '../../base/file-errors.ts';
import { systemErrorCode } from '../../errors.ts';
import { packError } from '../pack-error.ts';

export const TRUST_MODES = ['ignore', 'warn', 'require'] as const;
export type TrustMode = (typeof TRUST_MODES)[number];

const GITHUB_ACTIONS = 'https://token.actions.githubusercontent.com';
const PUBLIC_LOG = 'https://rekor.sigstore.dev';

const AuthorSchema = z.strictObject({
  owner: z.string().min(1),
  identity_regexp: z.string().min(1).max(2000),
  oidc_issuer: z.string().min(1).default(GITHUB_ACTIONS),
  mode: z.enum(TRUST_MODES).optional(),
});

const PolicySchema = z.strictObject({
  schema_version: z.literal('1.0').default('1.0'),
  default: z.enum(TRUST_MODES).default('warn'),
  /** Of other installers, which call a program; here everything is checked in process. */
  cosign_binary: z.string().optional(),
  trusted_root: z.string().min(1).optional(),
  tuf_mirror: z.url().optional(),
  rekor_url: z.url().default(PUBLIC_LOG),
  authors: z.array(AuthorSchema).max(1000).default([]),
});

export interface TrustedAuthor {
  readonly owner: string;
  /** The whole identity has to match. */
  readonly identity: RegExp;
  readonly issuer: string;
  readonly mode: TrustMode | undefined;
}

/** Whom the operator trusts, and what happens to what nobody vouches for. */
export interface TrustPolicy {
  readonly file: string;
  readonly defaultMode: TrustMode;
  readonly authors: readonly TrustedAuthor[];
  /** A file with the root of trust, for machines without a network. */
  readonly trustedRoot: string | undefined;
  readonly tufMirror: string | undefined;
  readonly rekorUrl: string;
}

/** Reads `trusted_keys.toml`; without one everything is `warn` and nobody is trusted. Throws PACK_TRUST_INVALID. */
export function loadTrustPolicy(file: string): TrustPolicy {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw ioError(file, 'read', error);
  }
  return parseTrustPolicy(text, file);
}

export function parseTrustPolicy(text: string, file: string): TrustPolicy {
  const invalid = (what: string): Error =>
    packError('TrustedKeysParse', `${file}: ${what}.`, {
      hint: 'Correct it; until then nothing is installed, because nobody can say whom you trust.',
    });
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw invalid(`line ${error.line}, column ${error.column}: not valid TOML`);
  }
  const parsed = PolicySchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not understood'}`);
  }
  const { default: defaultMode, authors, trusted_root, tuf_mirror, rekor_url } = parsed.data;
  return {
    file,
    defaultMode,
    authors: authors.map(({ owner, identity_regexp, oidc_issuer, mode }) => ({
      owner,
      identity: compile(identity_regexp, owner, file),
      issuer: oidc_issuer,
      mode,
    })),
    trustedRoot: trusted_root === undefined ? undefined : resolve(dirname(file), trusted_root),
    tufMirror: tuf_mirror,
    rekorUrl: rekor_url,
  };
}

/** Anchored at both ends: a pattern that is found somewhere inside an identity says nothing about whose it is. */
function compile(source: string, owner: string, file: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, 'u');
  } catch (error) {
    throw packError(
      'IdentityRegexpInvalid',
      `${file}: identity_regexp of ${JSON.stringify(owner)} is no pattern.`,
      {
        hint: 'Write a JavaScript pattern, such as https://github\\.com/acme/.*@refs/tags/v.*',
        cause: error,
      },
    );
  }
}

export interface TrustFlags {
  readonly requireSignature: boolean;
  readonly skipSignatureVerify: boolean;
}

export interface TrustDecision {
  readonly mode: TrustMode;
  /** Whose entry it is. */
  readonly author: TrustedAuthor | undefined;
  /** `verify` can still fail, and then nothing is installed. */
  readonly action: 'skip' | 'proceed' | 'verify';
  /** Why nothing is verified, for the operator. */
  readonly warning: string | undefined;
}

export type SigningKind = 'none' | 'bundle' | 'pair' | 'half';

/** Throws USAGE when both flags are given. */
export function assertFlags({ requireSignature, skipSignatureVerify }: TrustFlags): void {
  if (!requireSignature || !skipSignatureVerify) return;
  throw packError('FlagsConflict', '--require-signature and --skip-signature-verify exclude each other.', {
    hint: 'Leave one of them out.',
  });
}

/**
 * What is to be done about the signature of a release: the flags beat the author's entry, which beats the default.
 * Throws PACK_UNSIGNED, USAGE.
 */
export function decideTrust(
  policy: TrustPolicy,
  owner: string,
  flags: TrustFlags,
  signing: SigningKind,
): TrustDecision {
  assertFlags(flags);
  const author = policy.authors.find((each) => each.owner.toLowerCase() === owner.toLowerCase());
  const configured = author?.mode ?? policy.defaultMode;
  const mode = flags.requireSignature ? 'require' : flags.skipSignatureVerify ? 'ignore' : configured;
  if (mode === 'ignore') return { mode, author, action: 'skip', warning: undefined };
  if (signing === 'half') {
    throw packError(
      'AssetIncomplete',
      'the release has a signature without its certificate, or the other way round.',
      {
        hint: 'Tell its author; --skip-signature-verify installs it unverified.',
      },
    );
  }
  if (signing !== 'none' && author !== undefined)
    return { mode, author, action: 'verify', warning: undefined };
  const why =
    signing === 'none' ? 'it is not signed' : `no entry in ${policy.file} says who may sign for ${owner}`;
  if (mode === 'require') {
    throw packError('PolicyRequiresSig', `the policy asks for a signature, and ${why}.`, {
      hint:
        signing === 'none'
          ? 'Ask its author to sign its releases.'
          : `Add an [[authors]] entry with owner = "${owner}" and an identity_regexp.`,
    });
  }
  return { mode, author, action: 'proceed', warning: `Nothing proves where this pack comes from: ${why}.` };
}
