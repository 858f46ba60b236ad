import fs from 'node:fs';
import { dirname } from 'node:path';

import { type Clock, isoTime } from '../base/clock.ts';
import { ensureFolder } from '../base/folder.ts';
import { appendJsonl } from '../base/jsonl.ts';
import { createRedactor } from '../base/redact.ts';
import type { PackFamily } from './paths.ts';

/** One line of the audit log: who asked is the operator, what was proven is in it. */
export type AuditRecord =
  | {
      readonly action: 'install' | 'upgrade';
      readonly id: string;
      readonly version: string;
      readonly folder: string;
      readonly coords: string;
      readonly release_tag: string;
      readonly target: string;
      readonly sha256: string;
      readonly listing_sha256: string;
      readonly signature_verified: boolean;
      readonly signature_identity?: string;
      readonly signature_issuer?: string;
      readonly trust_mode: string;
      readonly api: string;
    }
  | { readonly action: 'remove'; readonly id: string; readonly version: string; readonly folder: string }
  | { readonly action: 'refused'; readonly coords: string; readonly kind: string; readonly reason: string };

/**
 * Adds a line to the log of what was installed from where, with which proof. Free of secrets. Never throws: what was
 * done is done, and a full disk must not turn it into a failure. Answers whether it was written.
 */
export function recordAudit(
  file: string,
  family: PackFamily,
  record: AuditRecord,
  { clock, secrets }: { clock: Clock; secrets: readonly string[] },
): boolean {
  const redact = createRedactor(secrets);
  const line: unknown = JSON.parse(redact(JSON.stringify({ time: isoTime(clock), family, ...record })));
  try {
    ensureFolder(fs, dirname(file));
    appendJsonl(fs, file, line);
    return true;
  } catch {
    return false;
  }
}
