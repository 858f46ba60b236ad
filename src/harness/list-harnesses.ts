import type { HarnessName } from './contract.ts';
import type { DoctorPlace, HarnessFinding } from './doctor/contract.ts';
import { findUntrusted } from './doctor/diagnose.ts';
import type { Scope } from './install/contract.ts';
import { inspectLedger } from './install/ledger.ts';
import { findProgram, findVersion } from './program.ts';
import { HARNESSES } from './registry.ts';

export interface HarnessInstallation {
  readonly scope: Scope;
  readonly state: 'none' | 'installed' | 'damaged';
  /** Files that are wholly ours. */
  readonly files: number;
  /** Entries of ours in files of the person's. */
  readonly entries: number;
  /** Those files. */
  readonly edited: readonly string[];
  /** What waits for the person's review before it works. */
  readonly untrusted: readonly HarnessFinding[];
}

export interface ListedHarness {
  readonly name: HarnessName;
  readonly title: string;
  readonly program: string | null;
  readonly version: string | null;
  readonly installations: readonly HarnessInstallation[];
}

/** Every harness that Nexo knows, what of it is on this machine, and what is installed into it by the ledgers. */
export function listHarnesses(
  places: readonly DoctorPlace[],
  env: NodeJS.ProcessEnv,
): Promise<ListedHarness[]> {
  return Promise.all(
    HARNESSES.map(async ({ name, title }) => {
      const program = findProgram(name, env);
      const [version, installations] = await Promise.all([
        program === undefined ? undefined : findVersion(name, program, env),
        Promise.all(places.map((place) => describeInstallation(name, place))),
      ]);
      return { name, title, program: program ?? null, version: version ?? null, installations };
    }),
  );
}

async function describeInstallation(name: HarnessName, place: DoctorPlace): Promise<HarnessInstallation> {
  const { scope } = place;
  const state = inspectLedger(name, place);
  if (state.kind !== 'read') {
    return {
      scope,
      state: state.kind === 'none' ? 'none' : 'damaged',
      files: 0,
      entries: 0,
      edited: [],
      untrusted: [],
    };
  }
  const { files, edits, texts } = state.ledger;
  return {
    scope,
    state: 'installed',
    files: files.length,
    entries: edits.length,
    edited: texts.map(({ file }) => file),
    untrusted: await findUntrusted(name, place),
  };
}
