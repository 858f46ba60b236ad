import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';

import {
  nodeFileSystem,
  readRegularFile,
  removeFileDurable,
  writeFileDurable,
} from '../../base/durable-file.ts';
import { ensureFolder } from '../../base/folder.ts';
import type { HarnessName } from '../contract.ts';
import type { InstallPlace } from './contract.ts';

/** What an installation put where: enough to tell our bytes from the user's, and to take exactly ours away. */
const LedgerSchema = z.strictObject({
  version: z.literal(1),
  /** Folders that were made for it; they go again when they are empty. */
  folders: z.array(z.string()),
  files: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
  edits: z.array(
    z.strictObject({
      file: z.string(),
      kind: z.enum(['json-member', 'json-element', 'block']),
      path: z.array(z.string()),
      marker: z.string(),
      value: z.unknown(),
    }),
  ),
  /** Edited files: their text after the change, and the way back. `created` ones were not there before. */
  texts: z.array(
    z.strictObject({
      file: z.string(),
      created: z.boolean(),
      sha256: z.string(),
      reversal: z.strictObject({ offset: z.int(), length: z.int(), content: z.string() }),
    }),
  ),
});
export type Ledger = z.infer<typeof LedgerSchema>;

export const EMPTY_LEDGER: Ledger = { version: 1, folders: [], files: [], edits: [], texts: [] };

/** The ledger of one harness in one place; undefined when nothing of ours is installed there, or it cannot be read. */
export function readLedger(harness: HarnessName, place: InstallPlace): Ledger | undefined {
  const state = inspectLedger(harness, place);
  // Without it every entry of ours counts as the user's: nothing is overwritten, and everything is reported.
  return state.kind === 'read' ? state.ledger : undefined;
}

export type LedgerState =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly file: string }
  | { readonly kind: 'read'; readonly ledger: Ledger };

/** The same, telling a ledger that cannot be read from one that is not there. */
export function inspectLedger(harness: HarnessName, place: InstallPlace): LedgerState {
  const file = ledgerPath(harness, place);
  try {
    const bytes = readRegularFile(nodeFileSystem, file)?.bytes;
    if (bytes === undefined) return { kind: 'none' };
    return { kind: 'read', ledger: LedgerSchema.parse(JSON.parse(bytes.toString('utf8'))) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return { kind: 'damaged', file };
    throw error;
  }
}

export function writeLedger(harness: HarnessName, place: InstallPlace, ledger: Ledger): void {
  const path = ledgerPath(harness, place);
  ensureFolder(nodeFileSystem, join(path, '..'));
  writeFileDurable(nodeFileSystem, path, `${JSON.stringify(ledger, null, 2)}\n`, { mode: 0o600 });
}

export function removeLedger(harness: HarnessName, place: InstallPlace): void {
  removeFileDurable(nodeFileSystem, ledgerPath(harness, place));
}

function ledgerPath(harness: HarnessName, { scope, projectRoot, stateFolder }: InstallPlace): string {
  const where =
    scope === 'user' ? 'user' : createHash('sha256').update(projectRoot).digest('hex').slice(0, 16);
  return join(stateFolder, 'harness', `${harness}-${where}.json`);
}
