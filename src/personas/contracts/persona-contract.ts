import { type CapabilityReport, reportCapabilities } from '../capability-report.ts';
import { compareReports } from '../compare-reports.ts';
import { PERSONA_LIMITS } from '../extract/limits.ts';
import type { PackContract } from '../install/contract.ts';
import { describeProblem, MANIFEST_FILE, type PersonaManifest, parseManifest } from '../manifest.ts';
import { packError } from '../pack-error.ts';
import { type PackProblem, validatePack } from '../validate-pack.ts';

/** Packs of configuration: nothing in them is ever run. */
export const PERSONA_CONTRACT: PackContract<PersonaManifest, CapabilityReport> = {
  family: 'persona',
  manifestAssets: [MANIFEST_FILE],
  limits: PERSONA_LIMITS,
  parse: (text, file) => {
    const parsed = parseManifest(text, { file });
    if (parsed.ok) return parsed.manifest;
    const [first] = parsed.problems;
    throw packError(first.kind, parsed.problems.map(describeProblem).join(' '), {
      hint: 'Its author has to correct the manifest.',
      data: { problems: parsed.problems },
    });
  },
  identify: ({ id, version, description, minNexoVersion, homepage }) => ({
    id,
    version,
    description,
    minNexoVersion,
    homepage,
  }),
  requirements: ({ requires }) => ({
    plugins: requires?.plugins ?? [],
    features: requires?.features ?? [],
    variables: (requires?.envVars ?? []).filter(({ required }) => required).map(({ name }) => name),
  }),
  isProgram: () => false,
  validate: (folder, { id, version }) => {
    const { problems } = validatePack(folder, { expect: { id, version } });
    const errors = problems.filter(({ level }) => level === 'error');
    const [first] = errors;
    if (first !== undefined) {
      throw packError(first.kind, errors.slice(0, 10).map(describe).join(' '), {
        hint: 'Its author has to correct the pack.',
        data: { problems: errors.slice(0, 100) },
      });
    }
    return problems.map(describe);
  },
  report: reportCapabilities,
  compare: compareReports,
};

function describe({ path, line, message, fix }: PackProblem): string {
  return `${path}:${line} ${message}. ${fix}`;
}
