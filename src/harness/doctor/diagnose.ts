import { isDeepStrictEqual } from 'node:util';

import { HARNESS_NAMES, type HarnessName } from '../contract.ts';
import type { Scope } from '../install/contract.ts';
import { readText } from '../install/install.ts';
import { inspectLedger, type Ledger } from '../install/ledger.ts';
import { sha256 } from '../install/text-change.ts';
import { findHarness } from '../registry.ts';
import {
  type DoctorPlace,
  type DoctorSubject,
  type HarnessFault,
  type HarnessFinding,
  type HarnessInspector,
  installCommand,
} from './contract.ts';
import { findEntryFaults } from './entries.ts';
import { findEventFaults } from './events.ts';
import { findFileFaults } from './files.ts';
import { findDeadGate, type RunProgram } from './live.ts';
import { findProgramFaults } from './programs.ts';

export interface HarnessDiagnosis {
  readonly harness: HarnessName;
  readonly scope: Scope;
  /** False where nothing of ours is installed; then there is nothing to find. */
  readonly installed: boolean;
  readonly findings: readonly HarnessFinding[];
}

export interface DiagnoseRequest {
  readonly harnesses?: readonly HarnessName[];
  /** One place for each scope to look at. */
  readonly places: readonly DoctorPlace[];
  readonly run: RunProgram;
}

/** Looks through every installation for what does not work as it was installed. Nothing is changed. */
export async function diagnoseHarnesses(request: DiagnoseRequest): Promise<HarnessDiagnosis[]> {
  const { harnesses = HARNESS_NAMES, places, run } = request;
  const diagnoses: HarnessDiagnosis[] = [];
  const seen = new Set<string>();
  for (const harness of harnesses) {
    for (const place of places) {
      const diagnosis = await diagnoseHarness(harness, place, run);
      // A switch in one file counts for both scopes, and is one finding.
      const findings = diagnosis.findings.filter(({ id, file, what }) => {
        const key = [harness, id, file, what].join('\0');
        return !seen.has(key) && seen.add(key);
      });
      diagnoses.push({ ...diagnosis, findings });
    }
  }
  return diagnoses;
}

/** One harness in one scope. */
export async function diagnoseHarness(
  harness: HarnessName,
  place: DoctorPlace,
  run: RunProgram,
): Promise<HarnessDiagnosis> {
  const { scope } = place;
  const state = inspectLedger(harness, place);
  if (state.kind === 'none') return { harness, scope, installed: false, findings: [] };
  if (state.kind === 'damaged') {
    const fault: HarnessFault = {
      id: 'ledger-damaged',
      severity: 'error',
      file: state.file,
      what: 'The list of what was installed cannot be read, so that nothing can be upgraded or taken away.',
      next: `Move it away, then: ${installCommand(harness, scope)}`,
    };
    return { harness, scope, installed: true, findings: [toFinding(fault, harness, scope)] };
  }
  const inspector = await loadInspector(harness);
  const subject: DoctorSubject = { harness, place, inspector, hooks: inspector.findHooks(place) };
  const switches = inspector.findSwitches(place);
  const faults = [
    ...inspector.findUnreadable(place),
    ...findEventFaults(subject),
    ...findEntryFaults(subject, state.ledger).filter(
      ({ file, entry }) => !switches.some((each) => each.file === file && each.entry === entry),
    ),
    ...findFileFaults(subject, state.ledger),
    ...findProgramFaults(subject),
    ...(await findDeadGate(subject, (hook) => isOurs(hook.file, hook.value, state.ledger), run)),
    ...switches,
    ...inspector.findUntrusted(place, subject.hooks),
  ];
  return { harness, scope, installed: true, findings: faults.map((each) => toFinding(each, harness, scope)) };
}

/** What an installation still needs the person's review for. */
export async function findUntrusted(harness: HarnessName, place: DoctorPlace): Promise<HarnessFinding[]> {
  const inspector = await loadInspector(harness);
  const faults = inspector.findUntrusted(place, inspector.findHooks(place));
  return faults.map((fault) => toFinding(fault, harness, place.scope));
}

function loadInspector(name: HarnessName): Promise<HarnessInspector> {
  const harness = findHarness(name);
  if (harness === undefined) throw new Error(`no harness ${name}`);
  return harness.loadInspector();
}

/** Whether a hook stands as we wrote it: an entry of the ledger, or in a file that is wholly ours. */
function isOurs(file: string, value: unknown, { edits, files }: Ledger): boolean {
  return (
    files.some(({ path, sha256: hash }) => path === file && sha256(readText(path) ?? '') === hash) ||
    edits.some((edit) => edit.file === file && isDeepStrictEqual(edit.value, value))
  );
}

function toFinding({ entry: _, ...fault }: HarnessFault, harness: HarnessName, scope: Scope): HarnessFinding {
  return { harness, scope, ...fault };
}
