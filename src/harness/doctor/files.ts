import { readText } from '../install/install.ts';
import type { Ledger } from '../install/ledger.ts';
import { sha256 } from '../install/text-change.ts';
import { type DoctorSubject, type HarnessFault, installCommand } from './contract.ts';

/** Files that an installation wrote and that are gone or changed: agents, skills, the plugin. */
export function findFileFaults({ harness, place }: DoctorSubject, ledger: Ledger): HarnessFault[] {
  const install = installCommand(harness, place.scope);
  return ledger.files.flatMap(({ path, sha256: hash }): HarnessFault[] => {
    const base = { severity: isCode(path) ? ('error' as const) : ('warn' as const), file: path };
    const text = textOf(path);
    if (text === undefined) {
      const what = isCode(path)
        ? 'The plugin that carries the hooks is gone: no gate holds and nothing is tracked.'
        : 'It was installed, and is gone.';
      return [{ ...base, id: 'file-missing', what, next: install }];
    }
    if (sha256(text) === hash) return [];
    return [
      {
        ...base,
        id: 'file-edited',
        what: 'It was edited by hand since it was installed, so that upgrades pass it by.',
        next: `Keep what you need of it, delete it, then: ${install}`,
      },
    ];
  });
}

function isCode(path: string): boolean {
  return path.endsWith('.js');
}

function textOf(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    // A folder or a device in its place is no file of ours.
    return undefined;
  }
}
