import { rmdirSync } from 'node:fs';

import { nodeFileSystem, removeFileDurable } from '../../base/durable-file.ts';
import { systemErrorCode } from '../../errors.ts';
import type { HarnessName } from '../contract.ts';
import { removeBlock } from './block-edit.ts';
import type { ConfigEdit, InstallPlace } from './contract.ts';
import { readText, writeText } from './install.ts';
import { type EditOutcome, removeJson } from './json-edit.ts';
import { type Ledger, readLedger, removeLedger, writeLedger } from './ledger.ts';
import { reverse, sha256 } from './text-change.ts';

export interface UninstallStep {
  readonly file: string;
  readonly action: 'remove' | 'restore' | 'clean' | 'gone' | 'conflict';
  readonly detail?: string;
}

/**
 * Takes away what an installation brought. A file that nobody touched since gets its old bytes back exactly; from one
 * that changed only our entries are taken; what was edited by hand is left and reported.
 */
export function applyUninstall(
  harness: HarnessName,
  place: InstallPlace,
  { dryRun = false }: { dryRun?: boolean } = {},
): UninstallStep[] {
  const ledger = readLedger(harness, place);
  if (ledger === undefined) return [];
  const steps: UninstallStep[] = [];
  const left: Ledger = { version: 1, folders: ledger.folders, files: [], edits: [], texts: [] };
  for (const file of ledger.files) {
    const step = removeOwnFile(file, dryRun);
    steps.push(step);
    if (step.action === 'conflict') left.files.push(file);
  }
  for (const text of ledger.texts) {
    const edits = ledger.edits.filter(({ file }) => file === text.file);
    const { step, kept } = restoreText(text, edits, dryRun);
    steps.push(step);
    left.edits.push(...kept);
    if (kept.length > 0) left.texts.push(text);
  }
  if (!dryRun) {
    removeEmptyFolders(ledger.folders);
    if (left.files.length > 0 || left.edits.length > 0) writeLedger(harness, place, left);
    else removeLedger(harness, place);
  }
  return steps;
}

function removeOwnFile({ path, sha256: hash }: Ledger['files'][number], dryRun: boolean): UninstallStep {
  const current = readText(path);
  if (current === undefined) return { file: path, action: 'gone' };
  if (sha256(current) !== hash) return { file: path, action: 'conflict', detail: 'was edited by hand' };
  if (!dryRun) {
    removeFileDurable(nodeFileSystem, path);
  }
  return { file: path, action: 'remove' };
}

function restoreText(
  text: Ledger['texts'][number],
  edits: readonly Ledger['edits'][number][],
  dryRun: boolean,
): { step: UninstallStep; kept: readonly Ledger['edits'][number][] } {
  const { file } = text;
  const current = readText(file);
  if (current === undefined) return { step: { file, action: 'gone' }, kept: [] };
  if (sha256(current) === text.sha256) {
    if (!dryRun) putBack(file, text.created, reverse(current, text.reversal));
    return { step: { file, action: 'restore' }, kept: [] };
  }
  let cleaned = current;
  const kept: Ledger['edits'][number][] = [];
  const reasons: string[] = [];
  // Last one first, so that places that were counted when they were added still hold.
  for (const edit of edits.toReversed()) {
    const outcome = takeOut(cleaned, edit);
    if (outcome.kind === 'changed') cleaned = outcome.text;
    if (outcome.kind === 'conflict') {
      kept.push(edit);
      reasons.push(outcome.reason);
    }
  }
  if (!dryRun && cleaned !== current) putBack(file, text.created, cleaned);
  const action = kept.length > 0 ? 'conflict' : 'clean';
  return { step: { file, action, ...(reasons.length === 0 ? {} : { detail: reasons.join('; ') }) }, kept };
}

/** A file that we made goes when nothing but an empty shell of it is left. */
function putBack(file: string, created: boolean, text: string): void {
  if (created && /^\s*(\{\s*\})?\s*$/.test(text)) {
    removeFileDurable(nodeFileSystem, file);
  } else writeText(file, text);
}

function takeOut(text: string, { kind, file, path, marker, value }: Ledger['edits'][number]): EditOutcome {
  if (kind === 'block') {
    const [start = '', end = ''] = path;
    return removeBlock(text, { kind, file, start, end, text: typeof value === 'string' ? value : '' });
  }
  const edit: ConfigEdit =
    kind === 'json-member'
      ? { kind, file, path, value }
      : { kind, file, path, value, marker, placeholder: { hooks: [] } };
  return removeJson(text, edit);
}

/** Removes the folders that we made and that are empty now, the innermost first. */
function removeEmptyFolders(folders: readonly string[]): void {
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder);
    } catch (error) {
      // Not empty, or gone already: either way there is nothing of ours to remove.
      if (systemErrorCode(error) === undefined) throw error;
    }
  }
}
