import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../../base/durable-file.ts';
import { ensureFolder } from '../../base/folder.ts';
import type { HarnessName } from '../contract.ts';
import { insertBlock } from './block-edit.ts';
import type { ConfigEdit, InstallPlace, InstallPlan } from './contract.ts';
import { type EditOutcome, insertJson } from './json-edit.ts';
import { EMPTY_LEDGER, type Ledger, readLedger, writeLedger } from './ledger.ts';
import { reversalOf, reverse, sha256 } from './text-change.ts';

export interface InstallStep {
  readonly file: string;
  readonly action: 'create' | 'update' | 'unchanged' | 'conflict';
  /** What is changed in a file of the user's, or why it is left. */
  readonly detail?: string;
}

/**
 * Carries a plan out. Whatever is not ours stays as it is: an entry of the user's own, or one of ours that was edited
 * by hand, is reported as a conflict and left. Installing twice changes nothing the second time.
 */
export function applyInstall(
  harness: HarnessName,
  place: InstallPlace,
  plan: InstallPlan,
  { dryRun = false }: { dryRun?: boolean } = {},
): InstallStep[] {
  const ledger = readLedger(harness, place) ?? EMPTY_LEDGER;
  const files = plan.files.map((file) => decideFile(file, ledger));
  const texts = editTexts(plan.edits, ledger);
  const steps = [...files.map(({ step }) => step), ...texts.flatMap(({ steps: each }) => each)];
  if (dryRun) return steps;
  const writes = [
    ...files.flatMap(({ step, content }) =>
      step.action === 'create' || step.action === 'update' ? [{ file: step.file, text: content }] : [],
    ),
    ...texts.flatMap(({ file, before, after }) => (after === (before ?? '') ? [] : [{ file, text: after }])),
  ];
  const folders = new Set([
    ...ledger.folders,
    ...writes.flatMap(({ file }) => missingFolders(dirname(file))),
  ]);
  for (const { file, text } of writes) writeText(file, text);
  const isKept = (edit: Ledger['edits'][number]): boolean =>
    texts.some(
      ({ file, conflicts }) =>
        file === edit.file && conflicts.some((each) => isSameEdit(toLedgerEdit(each), edit)),
    );
  writeLedger(harness, place, {
    version: 1,
    folders: [...folders],
    files: files.flatMap(({ step, content }) =>
      step.action === 'conflict'
        ? ledger.files.filter(({ path }) => path === step.file)
        : [{ path: step.file, sha256: sha256(content) }],
    ),
    edits: [...ledger.edits.filter(isKept), ...texts.flatMap(({ applied }) => applied.map(toLedgerEdit))],
    texts: texts.flatMap((text) => toLedgerText(text, ledger)),
  });
  return steps;
}

/** Folders that have to be made for a file in `folder`, the outermost first. */
function missingFolders(folder: string): string[] {
  if (existsSync(folder) || dirname(folder) === folder) return [];
  return [...missingFolders(dirname(folder)), folder];
}

interface DecidedFile {
  readonly step: InstallStep;
  readonly content: string;
}

function decideFile({ path, content }: InstallPlan['files'][number], ledger: Ledger): DecidedFile {
  const current = readText(path);
  if (current === undefined) return { step: { file: path, action: 'create' }, content };
  if (current === content) return { step: { file: path, action: 'unchanged' }, content };
  const known = ledger.files.find((file) => file.path === path);
  if (known?.sha256 === sha256(current)) return { step: { file: path, action: 'update' }, content };
  const detail = known === undefined ? 'is there already and is not ours' : 'was edited by hand';
  return { step: { file: path, action: 'conflict', detail }, content };
}

interface EditedText {
  readonly file: string;
  /** Undefined when there was no file. */
  readonly before: string | undefined;
  readonly after: string;
  readonly applied: readonly ConfigEdit[];
  readonly conflicts: readonly ConfigEdit[];
  readonly steps: readonly InstallStep[];
}

function editTexts(edits: readonly ConfigEdit[], ledger: Ledger): EditedText[] {
  const files = [...new Set(edits.map(({ file }) => file))];
  return files.map((file) => {
    const before = readText(file);
    let after = before ?? '';
    const applied: ConfigEdit[] = [];
    const conflicts: ConfigEdit[] = [];
    const steps: InstallStep[] = [];
    for (const edit of edits.filter((each) => each.file === file)) {
      const outcome = insert(after, edit, writtenValue(edit, ledger));
      const place = edit.kind === 'block' ? edit.start : edit.path.join('.');
      if (outcome.kind === 'conflict') {
        conflicts.push(edit);
        steps.push({ file, action: 'conflict', detail: outcome.reason });
      } else {
        applied.push(edit);
        const action =
          outcome.kind === 'unchanged' ? 'unchanged' : before === undefined ? 'create' : 'update';
        steps.push({ file, action, detail: place });
      }
      if (outcome.kind === 'changed') after = outcome.text;
    }
    return { file, before, after, applied, conflicts, steps };
  });
}

function insert(text: string, edit: ConfigEdit, written: unknown): EditOutcome {
  if (edit.kind !== 'block') return insertJson(text, edit, written);
  return insertBlock(text, edit, typeof written === 'string' ? written : undefined);
}

function writtenValue(edit: ConfigEdit, ledger: Ledger): unknown {
  const entry = toLedgerEdit(edit);
  return ledger.edits.find((known) => isSameEdit(known, entry))?.value;
}

/** Whether two entries are about the same place, whatever stands there. */
function isSameEdit(a: Ledger['edits'][number], b: Ledger['edits'][number]): boolean {
  const samePath = a.path.join('\0') === b.path.join('\0');
  return a.file === b.file && a.kind === b.kind && a.marker === b.marker && samePath;
}

function toLedgerEdit(edit: ConfigEdit): Ledger['edits'][number] {
  if (edit.kind === 'block') {
    return {
      file: edit.file,
      kind: edit.kind,
      path: [edit.start, edit.end],
      marker: edit.start,
      value: edit.text,
    };
  }
  const marker = edit.kind === 'json-element' ? edit.marker : '';
  return { file: edit.file, kind: edit.kind, path: [...edit.path], marker, value: edit.value };
}

/** The way back from what is there now to what was there before us, over any number of installations. */
function toLedgerText({ file, before, after, applied }: EditedText, ledger: Ledger): Ledger['texts'] {
  const known = ledger.texts.find((text) => text.file === file);
  if (applied.length === 0) return known === undefined ? [] : [known];
  if (known !== undefined && known.sha256 === sha256(before ?? '')) {
    const original = reverse(before ?? '', known.reversal);
    return [{ file, created: known.created, sha256: sha256(after), reversal: reversalOf(original, after) }];
  }
  return [
    { file, created: before === undefined, sha256: sha256(after), reversal: reversalOf(before ?? '', after) },
  ];
}

export function readText(path: string): string | undefined {
  return readRegularFile(nodeFileSystem, path)?.bytes.toString('utf8');
}

export function writeText(path: string, text: string): void {
  ensureFolder(nodeFileSystem, dirname(path));
  writeFileDurable(nodeFileSystem, path, text);
}
