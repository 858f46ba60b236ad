import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { ERROR_CODES } from '../../src/errors.ts';

const PINNED = [
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
];

const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8');
/** The rows `| code | meaning | what to do |` of the page. */
const rows = [...docs.matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.+) \|$/gm)];

describe('error codes', () => {
  it('are these, in alphabetical order', () => {
    expect([...ERROR_CODES]).toEqual(PINNED);
    expect([...ERROR_CODES]).toEqual([...ERROR_CODES].sort());
  });

  it('are each explained once in docs/errors.md, with what to do, and no others', () => {
    expect(rows.map(([, code]) => code).sort()).toEqual(PINNED);
    for (const [row, , meaning, remedy] of rows) {
      expect(meaning?.length, row).toBeGreaterThan(10);
      expect(remedy?.length, row).toBeGreaterThan(5);
    }
  });
});
