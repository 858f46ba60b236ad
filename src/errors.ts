/**
 * Every code that Nexo reports, in one list. Codes are API: match on them, never on messages.
 * What each means and what to do about it is in `docs/errors.md`.
 */
export const ERROR_CODES = [
  'ARTIFACT_NAME_INVALID',
  'BACKEND_OPTION_UNKNOWN',
  'BACKEND_UNAVAILABLE',
  'CALLER_UNREGISTERED',
  'CATALOG_DAMAGED',
  'CATALOG_ITEM_UNKNOWN',
  'CONFIG_INVALID',
  'CONFORMANCE_FIXTURE_INVALID',
  'CONFORMANCE_SERVER_FAILED',
  'DAEMON_ALREADY_RUNNING',
  'DAEMON_NOT_RUNNING',
  'DAEMON_REQUEST_INVALID',
  'DAEMON_START_FAILED',
  'DAEMON_STOP_FAILED',
  'DAEMON_UNREACHABLE',
  'DATABASE_DAMAGED',
  'DATABASE_TOO_NEW',
  'EXECUTION_BUSY',
  'FILE_CHANGED',
  'FILE_TOO_LARGE',
  'HARNESS_ID_INVALID',
  'HTTP_ADDRESS_REFUSED',
  'HTTP_LISTEN_FAILED',
  'HTTP_TOKEN_INVALID',
  'INPUT_INVALID',
  'INTERRUPTED',
  'IO_FAILED',
  'LOCK_REPLACED',
  'LOCK_TIMEOUT',
  'LOCK_UNUSABLE',
  'MACRO_INVALID',
  'MEMORY_UNRECOVERABLE',
  'MERGE_CONFLICT',
  'NODE_TOO_OLD',
  'PACK_ADDITIONS_WAIT',
  'PACK_ARCHIVE_DAMAGED',
  'PACK_ARCHIVE_UNSAFE',
  'PACK_BROKEN',
  'PACK_CONFIG_INVALID',
  'PACK_CONTENT_INVALID',
  'PACK_CONTENT_MISMATCH',
  'PACK_COORDS_INVALID',
  'PACK_DIGEST_INVALID',
  'PACK_DIGEST_MISMATCH',
  'PACK_DOWNGRADE_REFUSED',
  'PACK_DOWNLOAD_FAILED',
  'PACK_LOCKED',
  'PACK_MANIFEST_INVALID',
  'PACK_NOT_INSTALLED',
  'PACK_RELEASE_INVALID',
  'PACK_REQUIREMENT_MISSING',
  'PACK_ROOT_INVALID',
  'PACK_SIGNATURE_INVALID',
  'PACK_SIGNER_CHANGED',
  'PACK_SOURCE_CHANGED',
  'PACK_SOURCE_UNKNOWN',
  'PACK_TARGET_MISSING',
  'PACK_TOO_LARGE',
  'PACK_TOO_NEW',
  'PACK_TRUST_INVALID',
  'PACK_UNSIGNED',
  'PATH_ESCAPES',
  'PATH_NOT_A_FILE',
  'PLAN_ACTION_UNKNOWN',
  'PLAN_FIELD_MISSING',
  'PLAN_ISSUE_NOT_FOUND',
  'PLAN_NOT_ACTIVE',
  'PLUGIN_BUSY',
  'PLUGIN_CRASHED',
  'PLUGIN_EXISTS',
  'PLUGIN_LOAD_FAILED',
  'PLUGIN_NAME_INVALID',
  'PLUGIN_NAME_TAKEN',
  'PLUGIN_NOT_APPROVED',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_RESULT_INVALID',
  'PLUGIN_RESULT_TOO_LARGE',
  'PLUGIN_TIMEOUT',
  'PLUGIN_TOOL_FAILED',
  'PREFERENCES_DAMAGED',
  'PROCESS_FAILED',
  'PROCESS_TIMEOUT',
  'PROJECT_ROOT_AMBIGUOUS',
  'PROJECT_ROOT_MISSING',
  'RUN_ANSWER_INVALID',
  'RUN_FAILED',
  'RUN_NOT_FOUND',
  'RUN_PROMPT_MISSING',
  'RUN_REFUSED',
  'SCHEDULE_BACKEND_UNAVAILABLE',
  'SCHEDULE_EXISTS',
  'SCHEDULE_INSTALL_FAILED',
  'SCHEDULE_INVALID',
  'SCHEDULE_NOT_FOUND',
  'SCRIPT_EXISTS',
  'SCRIPT_INVALID',
  'SCRIPT_NAME_RESERVED',
  'SCRIPT_NOT_FOUND',
  'SCRIPT_PROTECTED',
  'SCRIPT_RUNTIME_MISSING',
  'SERVICE_EXISTS',
  'SERVICE_FAILED',
  'SERVICE_REFUSED',
  'SKILL_EXISTS',
  'SKILL_INVALID',
  'SKILL_NOT_APPROVED',
  'SKILL_UNKNOWN',
  'STATE_DAMAGED',
  'STATE_DUPLICATE_ID',
  'STATE_ID_INVALID',
  'STATE_TOO_NEW',
  'TASKS_MISSING',
  'TASK_NOT_FOUND',
  'TIERS_UNUSABLE',
  'TIER_UNKNOWN',
  'TOOL_FAILED',
  'TOOL_INPUT_INVALID',
  'TOOL_UNKNOWN',
  'TOUR_FAILED',
  'UNEXPECTED',
  'USAGE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetail {
  /** The next thing to do, imperative, preferably a command. */
  hint?: string;
  /** For programs: JSON-safe, no secrets, no file contents. */
  data?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** A failure the reader can act on. Match on `code`; the message may be reworded at any time. */
export class NexoError extends Error {
  override name = 'NexoError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, { cause: detail.cause });
    this.code = code;
    this.hint = detail.hint;
    this.data = detail.data;
  }
}

/**
 * `instanceof NexoError` asks what an error is, not which copy of the class made it: the parts of a hook are files of
 * their own, each with all that it needs in it, and an error of one part is one for the other.
 */
Object.defineProperty(NexoError, Symbol.hasInstance, {
  value(this: unknown, error: unknown): boolean {
    // A subclass inherits this, and is asked for by the fields that only its own objects have.
    if (this !== NexoError) return Function.prototype[Symbol.hasInstance].call(this, error);
    return error instanceof Error && 'code' in error && 'hint' in error && isErrorCode(error.code);
  },
});

function isErrorCode(code: unknown): boolean {
  return (ERROR_CODES as readonly unknown[]).includes(code);
}

/** The `code` of a Node system error (`ENOENT`, …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
