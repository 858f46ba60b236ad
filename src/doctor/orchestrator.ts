import type { Check, CheckStatus } from '../base/check.ts';
import { PLANES, type Plane, TIER_REQUESTS, type TierRequest } from './choices.ts';
import { type CheckReport, severityOf } from './report.ts';

const DEFAULT_PLANE: Plane = 'runtime_personal';

/** Planes that the doctor of one machine has nothing to say about. */
const OTHER_PLANES: ReadonlySet<Plane> = new Set(['product_public', 'cooperator']);

/** The tier asked for, or the one check that says that there is no such tier. */
export function checkTier(
  word: string,
): { readonly tier: TierRequest; readonly refusal?: never } | { readonly refusal: CheckReport } {
  const tier = TIER_REQUESTS.find((each) => each === word);
  if (tier !== undefined) return { tier };
  return {
    refusal: refusal('critical', 'orchestrator.invalid_tier', `"${word}" is no tier of the doctor.`, [
      `Ask for one of ${TIER_REQUESTS.join(', ')}: nexo doctor --tier runtime`,
    ]),
  };
}

/** The one check that says why nothing else runs on this plane; undefined where the doctor works. */
export function blockedByPlane(word: string | undefined): CheckReport | undefined {
  const plane = readPlane(word);
  if (plane === undefined) {
    return refusal(
      'critical',
      'orchestrator.diagnostic_plane_invalid',
      `"${word ?? ''}" is no diagnostic plane.`,
      [`Leave --plane out, or name one of ${PLANES.join(', ')}.`],
    );
  }
  if (!OTHER_PLANES.has(plane)) return undefined;
  return refusal(
    'degraded',
    'orchestrator.diagnostic_plane_mismatch',
    `The doctor looks at this machine; it has no checks for the plane ${plane}, and none ran.`,
    ['Leave --plane out, or ask for runtime_personal, installation_live or database_real.'],
  );
}

/** A live installation is judged without the history of its operator. */
export function keptOnPlane({ category }: Pick<Check<never>, 'category'>, word: string | undefined): boolean {
  return !(readPlane(word) === 'installation_live' && category === 'operator_history');
}

function readPlane(word: string | undefined): Plane | undefined {
  if (word === undefined || word.trim() === '') return DEFAULT_PLANE;
  const normal = word.trim().toLowerCase().replace(/[- ]/g, '_');
  return PLANES.find((plane) => plane === normal);
}

function refusal(
  status: CheckStatus,
  id: string,
  summary: string,
  repairPlan: readonly string[],
): CheckReport {
  return {
    id,
    tier: 'unknown',
    category: 'installed_product',
    status,
    severity: severityOf(status),
    summary,
    evidence: [],
    repair_plan: repairPlan,
    escalation_prompt: '',
    fixed: false,
    changes: [],
  };
}
