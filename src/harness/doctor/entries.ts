import { isDeepStrictEqual } from 'node:util';

import { insertBlock } from '../install/block-edit.ts';
import { readText } from '../install/install.ts';
import { type EditOutcome, insertJson } from '../install/json-edit.ts';
import type { Ledger } from '../install/ledger.ts';
import { SERVER_NAME } from '../rendering.ts';
import { type DoctorSubject, type HarnessFault, installCommand } from './contract.ts';

type LedgerEdit = Ledger['edits'][number];

/** Entries in the person's own files that are gone or are not as they were written: hooks, the server, Lead's block. */
export function findEntryFaults(subject: DoctorSubject, ledger: Ledger): HarnessFault[] {
  const { harness, place, hooks } = subject;
  const install = installCommand(harness, place.scope);
  return ledger.edits.flatMap((edit): HarnessFault[] => {
    const { file } = edit;
    const entry = entryOf(edit);
    const outcome = putBack(edit);
    // Moved under another event: told there, by name.
    const isElsewhere = hooks.some((hook) => hook.file === file && isDeepStrictEqual(hook.value, edit.value));
    if (outcome.kind === 'unchanged' || (outcome.kind === 'changed' && isElsewhere)) return [];
    const base = { severity: severityOf(edit), file, entry };
    if (outcome.kind === 'changed') {
      return [{ ...base, id: 'entry-missing', what: `${nameOf(edit)} is gone (${entry}).`, next: install }];
    }
    // A file that cannot be read at all is a finding of its own.
    if (outcome.reason.startsWith('it is not valid')) return [];
    return [
      {
        ...base,
        id: 'entry-edited',
        what: `${nameOf(edit)} is not as it was installed (${entry}).`,
        next: `Put it back, or delete it and then: ${install}`,
      },
    ];
  });
}

/** As a person finds it in the file. */
export function entryOf({ kind, path }: LedgerEdit): string {
  return kind === 'block' ? (path[0] ?? '') : path.join('.');
}

/** What writing the entry once more would do. Nothing is written. */
function putBack(edit: LedgerEdit): EditOutcome {
  const { kind, file, path, marker, value } = edit;
  const text = readText(file) ?? '';
  if (kind === 'block') {
    const [start = '', end = ''] = path;
    const block = typeof value === 'string' ? value : '';
    return insertBlock(text, { kind, file, start, end, text: block }, block);
  }
  return kind === 'json-member'
    ? insertJson(text, { kind, file, path, value }, value)
    : insertJson(text, { kind, file, path, value, marker }, value);
}

function nameOf({ kind, path, marker }: LedgerEdit): string {
  if (kind === 'json-element') return `The hook for ${path.at(-1) ?? 'an event'}`;
  if (kind === 'json-member' || marker === '# BEGIN nexo') return `The MCP server ${SERVER_NAME}`;
  return 'The block with the instructions of Lead';
}

/** Without hooks there is no gate, without the server no tools; Lead's text only guides. */
function severityOf({ kind, marker }: LedgerEdit): 'warn' | 'error' {
  return kind === 'block' && marker !== '# BEGIN nexo' ? 'warn' : 'error';
}
