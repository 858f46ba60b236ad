import { type ErrorCode, type ErrorDetail, NexoError } from '../errors.ts';

/**
 * What can be wrong with a pack, its release or its place, in the words of the pack format; `kind` in every error
 * that `--json` shows. Many kinds share one of our own codes, which says what to do rather than what happened.
 */
export const PACK_KINDS = {
  Usage: 'USAGE',
  FlagsConflict: 'USAGE',
  CoordsInvalid: 'PACK_COORDS_INVALID',
  Http: 'PACK_DOWNLOAD_FAILED',
  Io: 'IO_FAILED',
  ReleaseShape: 'PACK_RELEASE_INVALID',
  TargetNotFound: 'PACK_TARGET_MISSING',
  Sha256Invalid: 'PACK_DIGEST_INVALID',
  Sha256Mismatch: 'PACK_DIGEST_MISMATCH',
  ParseToml: 'PACK_MANIFEST_INVALID',
  MissingManifestVersion: 'PACK_MANIFEST_INVALID',
  UnsupportedManifestVersion: 'PACK_MANIFEST_INVALID',
  InvalidId: 'PACK_MANIFEST_INVALID',
  InvalidVersion: 'PACK_MANIFEST_INVALID',
  InvalidMinNexoVersion: 'PACK_MANIFEST_INVALID',
  EmptyRequiredField: 'PACK_MANIFEST_INVALID',
  AbsolutePath: 'PACK_MANIFEST_INVALID',
  ParentTraversal: 'PACK_MANIFEST_INVALID',
  InvalidEnvVarName: 'PACK_MANIFEST_INVALID',
  EmptyEnvVarDescription: 'PACK_MANIFEST_INVALID',
  ManifestInvalid: 'PACK_MANIFEST_INVALID',
  ManifestVersionMismatch: 'PACK_CONTENT_MISMATCH',
  ManifestMismatch: 'PACK_CONTENT_MISMATCH',
  ContributedFileInvalid: 'PACK_CONTENT_MISMATCH',
  ContributedPathMissing: 'PACK_CONTENT_MISMATCH',
  BinaryMissing: 'PACK_CONTENT_MISMATCH',
  MinNexoVersionMismatch: 'PACK_TOO_NEW',
  RequirementMissing: 'PACK_REQUIREMENT_MISSING',
  TarballTooLarge: 'PACK_TOO_LARGE',
  TooManyEntries: 'PACK_TOO_LARGE',
  EntryTooLarge: 'PACK_TOO_LARGE',
  ExtractedTooLarge: 'PACK_TOO_LARGE',
  UnsafePath: 'PACK_ARCHIVE_UNSAFE',
  DisallowedEntryType: 'PACK_ARCHIVE_UNSAFE',
  NameCollision: 'PACK_ARCHIVE_UNSAFE',
  CorruptArchive: 'PACK_ARCHIVE_DAMAGED',
  BadLayout: 'PACK_ARCHIVE_DAMAGED',
  PolicyRequiresSig: 'PACK_UNSIGNED',
  AssetIncomplete: 'PACK_UNSIGNED',
  TrustedKeysParse: 'PACK_TRUST_INVALID',
  IdentityRegexpInvalid: 'PACK_TRUST_INVALID',
  TrustedRootUnavailable: 'PACK_TRUST_INVALID',
  VerifyIo: 'PACK_SIGNATURE_INVALID',
  CertParseFailed: 'PACK_SIGNATURE_INVALID',
  UnsupportedKey: 'PACK_SIGNATURE_INVALID',
  SignatureDecodeFailed: 'PACK_SIGNATURE_INVALID',
  SignatureMismatch: 'PACK_SIGNATURE_INVALID',
  IdentityNotFound: 'PACK_SIGNATURE_INVALID',
  IdentityMismatch: 'PACK_SIGNATURE_INVALID',
  IssuerMismatch: 'PACK_SIGNATURE_INVALID',
  ChainUntrusted: 'PACK_SIGNATURE_INVALID',
  TlogEntryNotFound: 'PACK_SIGNATURE_INVALID',
  TlogInvalid: 'PACK_SIGNATURE_INVALID',
  TimestampMissing: 'PACK_SIGNATURE_INVALID',
  SignerChanged: 'PACK_SIGNER_CHANGED',
  InstallRootNotAbsolute: 'PACK_ROOT_INVALID',
  NotFound: 'PACK_NOT_INSTALLED',
  PluginNotFound: 'PACK_NOT_INSTALLED',
  NotAPersonaPath: 'PACK_NOT_INSTALLED',
  PathNotFound: 'PACK_NOT_INSTALLED',
  NotAPluginPath: 'PACK_NOT_INSTALLED',
  MissingEntrypoint: 'PACK_CONTENT_MISMATCH',
  InitFailed: 'PLUGIN_LOAD_FAILED',
  BrokenInstall: 'PACK_BROKEN',
  Locked: 'PACK_LOCKED',
  DowngradeRefused: 'PACK_DOWNGRADE_REFUSED',
  NoSourceRepo: 'PACK_SOURCE_UNKNOWN',
  NoInstallMetadata: 'PACK_SOURCE_UNKNOWN',
  SourceMismatch: 'PACK_SOURCE_CHANGED',
  AdditionsNotAccepted: 'PACK_ADDITIONS_WAIT',
  NeedsYesConfirm: 'PACK_ADDITIONS_WAIT',
  ConfigLoad: 'PACK_CONFIG_INVALID',
} as const satisfies Readonly<Record<string, ErrorCode>>;

export type PackKind = keyof typeof PACK_KINDS;

/** A failure about a pack: the kind of the pack format, with the code of ours that it belongs to. */
export function packError(kind: PackKind, message: string, detail: ErrorDetail = {}): NexoError {
  return new NexoError(PACK_KINDS[kind], message, { ...detail, data: { ...detail.data, kind } });
}

/** The kind of a failure, as `--json` names it: the one it was made with, else the nearest. */
export function packKindOf(error: unknown): PackKind | 'Interrupted' | 'Unexpected' {
  if (!(error instanceof NexoError)) return 'Unexpected';
  const kind = error.data?.kind;
  if (typeof kind === 'string' && Object.hasOwn(PACK_KINDS, kind)) return kind as PackKind;
  if (error.code === 'USAGE' || error.code === 'INPUT_INVALID') return 'Usage';
  if (error.code === 'LOCK_TIMEOUT') return 'Locked';
  if (error.code === 'INTERRUPTED') return 'Interrupted';
  return 'Io';
}
