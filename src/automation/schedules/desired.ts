import type { ScriptEntry } from '../scripts/discover.ts';
import {
  type Declaration,
  type DeclarationProblem,
  sharedCronIdProblem,
  sharedCronIds,
} from './declaration.ts';
import type { BackendName, ScheduleSpec } from './store.ts';

export interface Desired {
  readonly entry: ScriptEntry;
  readonly spec: ScheduleSpec;
}

/** A script whose declaration cannot be used, with all that is wrong with it. */
export interface Undesired {
  readonly name: string;
  readonly path: string;
  readonly error: string;
  readonly problems: readonly DeclarationProblem[];
}

export interface DesiredSchedules {
  readonly desired: readonly Desired[];
  readonly invalid: readonly Undesired[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** What the scripts declare: the schedules that are to be there, and why others are not. */
export function desiredSchedules(
  entries: readonly ScriptEntry[],
  { backend, held }: { readonly backend: BackendName; readonly held: ReadonlySet<string> },
): DesiredSchedules {
  const shared = sharedCronIds(entries);
  const desired: Desired[] = [];
  const invalid: Undesired[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const entry of entries) {
    const { declaration, name, path } = entry;
    const sharing = (shared.get(declaration.cronId.toLowerCase()) ?? []).filter((other) => other !== path);
    const problems = [
      ...declaration.problems,
      ...(declaration.required && sharing.length > 0
        ? [sharedCronIdProblem(declaration.cronId, sharing)]
        : []),
    ];
    if (problems.length > 0) {
      invalid.push({ name, path, error: problems[0]?.message ?? '', problems });
    } else if (!declaration.required) {
      skipped.push({ name, reason: 'it declares no schedule' });
    } else if (held.has(path)) {
      skipped.push({ name, reason: `you took its schedule away; nexo schedules add ${name} brings it back` });
    } else {
      const spec = toSpec(entry, declaration, backend);
      if (spec !== undefined) desired.push({ entry, spec });
    }
  }
  return { desired, invalid, skipped };
}

/** The schedule that a script declares; undefined when it declares none that can be used. */
export function toSpec(
  { name, path, description, metadata }: ScriptEntry,
  declaration: Declaration,
  backend: BackendName,
): ScheduleSpec | undefined {
  const { timing, cronId, recoveryPolicy, runOnBoot, runOnWake, idempotent, maxCatchupAge } = declaration;
  if (timing === null || !declaration.valid) return undefined;
  return {
    cronId,
    name,
    scriptPath: path,
    description,
    source: 'declared',
    backend,
    timing,
    recoveryPolicy,
    runOnBoot,
    runOnWake,
    idempotent,
    maxCatchupAge,
    timeoutSeconds: readTimeout(metadata.timeout),
  };
}

/** A limit that is no number is the doctor's to tell; the default holds then. */
function readTimeout(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
