import { type Check, type CheckStatus, type CheckTier, type Finding, worstStatus } from '../base/check.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { TIERS, type TierRequest, type TierWord } from './choices.ts';
import type { DoctorContext } from './context.ts';
import { blockedByPlane, checkTier, keptOnPlane } from './orchestrator.ts';
import { CHECK_SOURCES, type CheckSource } from './registry.ts';
import { type CheckReport, type DoctorReport, severityOf } from './report.ts';

export interface DoctorOptions {
  /** Default: `boot`. A word that is no tier is reported, not thrown. */
  readonly tier?: TierWord;
  /** Put right what can be. */
  readonly fix?: boolean;
  /** Which of the doctor's planes is asked about; default: the operator's own runtime. */
  readonly plane?: string | undefined;
  readonly context: Omit<DoctorContext, 'signal'> & { readonly signal?: AbortSignal };
  /** Other checks than those of the product; a test brings its own. */
  readonly sources?: readonly CheckSource[];
  /** Other time limits than the usual; a test has no time to lose. */
  readonly limitsMs?: Partial<Readonly<Record<CheckTier, number>>>;
  /** Told before each check. */
  onCheck?(id: string): void;
  readonly clock?: Clock;
}

/** How long one check of a tier may take, in milliseconds, before it counts as crashed. */
const LIMIT_MS: Readonly<Record<CheckTier, number>> = { boot: 5_000, runtime: 20_000, deep: 60_000 };

/**
 * Runs the checks of a tier and reports them all. A check that throws or hangs is reported as crashed and hides no
 * other; so is a domain whose checks cannot be loaded. Throws only what `context.signal` was aborted with.
 */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const { context, tier = 'boot', plane, clock = systemClock } = options;
  const startedAt = clock.now();
  const report = (checks: readonly CheckReport[]): DoctorReport => summarise(checks, clock.now() - startedAt);

  const asked = checkTier(tier);
  if (asked.refusal !== undefined) return report([asked.refusal]);
  const blocked = blockedByPlane(plane);
  if (blocked !== undefined) return report([blocked]);

  const sources = await loadSources(options.sources ?? CHECK_SOURCES);
  const checks: CheckReport[] = [...sources.crashed];
  for (const each of tiersOf(asked.tier)) {
    try {
      const chosen = sources.checks.filter((check) => check.tier === each && keptOnPlane(check, plane));
      for (const check of chosen) {
        context.signal?.throwIfAborted();
        options.onCheck?.(check.id);
        checks.push(await runCheck(check, options));
      }
    } catch (error) {
      context.signal?.throwIfAborted();
      checks.push(crashed(`orchestrator.${each}_crashed`, each, error));
    }
  }
  return report(checks);
}

function tiersOf(tier: TierRequest): readonly CheckTier[] {
  return tier === 'all' ? TIERS : [tier];
}

interface LoadedSources {
  readonly checks: readonly Check<DoctorContext>[];
  readonly crashed: readonly CheckReport[];
}

async function loadSources(sources: readonly CheckSource[]): Promise<LoadedSources> {
  const checks: Check<DoctorContext>[] = [];
  const failures: CheckReport[] = [];
  for (const { name, load } of sources) {
    try {
      checks.push(...(await load()));
    } catch (error) {
      failures.push(crashed(`check.${name}_crashed`, 'unknown', error));
    }
  }
  return { checks, crashed: failures };
}

async function runCheck(check: Check<DoctorContext>, options: DoctorOptions): Promise<CheckReport> {
  try {
    const limited = limit(check.tier, options);
    const before = await limited((context) => check.run(context));
    if (before.status === 'healthy' || options.fix !== true || check.fix === undefined)
      return describe(check, before, []);
    return await fixCheck(check, before, options);
  } catch (error) {
    options.context.signal?.throwIfAborted();
    return crashed(`check.${check.id.replaceAll('.', '_')}_crashed`, 'unknown', error);
  }
}

/** Tries the fix and looks again. A fix that throws leaves the finding as it was, with the reason behind it. */
async function fixCheck(
  check: Check<DoctorContext>,
  before: Finding,
  options: DoctorOptions,
): Promise<CheckReport> {
  const limited = limit(check.tier, options);
  let changes: readonly string[] = [];
  let failure: string | undefined;
  try {
    changes = await limited(async (given) => (await check.fix?.(given)) ?? []);
  } catch (error) {
    options.context.signal?.throwIfAborted();
    failure = `the fix did not work: ${messageOf(error)}`;
  }
  if (failure === undefined && changes.length === 0) return describe(check, before, []);
  const after = await limited((given) => check.run(given));
  if (failure === undefined) return describe(check, after, changes);
  return describe(check, { ...after, evidence: [...(after.evidence ?? []), failure] }, changes);
}

/** Runs a piece of a check with a signal of its own and an end, whether it listens to the signal or not. */
function limit(
  tier: CheckTier,
  { context, limitsMs }: DoctorOptions,
): <T>(work: (context: DoctorContext) => T | Promise<T>) => Promise<T> {
  return async (work) => {
    const stop = new AbortController();
    const ms = limitsMs?.[tier] ?? LIMIT_MS[tier];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`it took longer than ${ms / 1000} s`);
        stop.abort(error);
        reject(error);
      }, ms);
    });
    const signals = context.signal === undefined ? [stop.signal] : [stop.signal, context.signal];
    try {
      return await Promise.race([
        rejected(context.signal),
        late,
        (async () => work({ ...context, signal: AbortSignal.any(signals) }))(),
      ]);
    } finally {
      clearTimeout(timer);
    }
  };
}

function rejected(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function describe(check: Check<DoctorContext>, finding: Finding, changes: readonly string[]): CheckReport {
  const fixed = changes.length > 0 && finding.status === 'healthy';
  return {
    id: check.id,
    tier: check.tier,
    category: check.category ?? 'installed_product',
    status: finding.status,
    severity: severityOf(finding.status),
    summary: fixed ? `${finding.summary} (fixed)` : finding.summary,
    evidence: finding.evidence ?? [],
    repair_plan: finding.repairPlan ?? [],
    escalation_prompt: finding.escalation ?? '',
    fixed,
    changes,
    ...(finding.issues !== undefined && { issues: finding.issues }),
  };
}

function crashed(id: string, tier: CheckReport['tier'], error: unknown): CheckReport {
  const frame = error instanceof Error ? error.stack?.split('\n').at(1)?.trim() : undefined;
  return {
    id,
    tier,
    category: 'installed_product',
    status: 'critical',
    severity: 'error',
    summary: `The check itself failed: ${messageOf(error)}`,
    evidence: frame === undefined ? [] : [frame],
    repair_plan: [
      'Investigate: this is a fault in Nexo or in what the check reads, and the other checks ran.',
    ],
    escalation_prompt: `nexo doctor reports ${id}. Find out why the check fails and what it could not look at.`,
    fixed: false,
    changes: [],
  };
}

function summarise(checks: readonly CheckReport[], durationMs: number): DoctorReport {
  const count = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  return {
    overall_status: worstStatus(checks.map(({ status }) => status)),
    counts: {
      healthy: count('healthy'),
      degraded: count('degraded'),
      critical: count('critical'),
      total: checks.length,
    },
    checks,
    duration_ms: Math.max(0, Math.round(durationMs)),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
