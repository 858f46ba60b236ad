/** The depth at which a check runs: fast and local, from what is on disk, or thorough. */
export type CheckTier = 'boot' | 'runtime' | 'deep';
export type CheckStatus = 'healthy' | 'degraded' | 'critical';
/** Whose concern it is: the installed program's, or how the operator's own things went over time. */
export type CheckCategory = 'installed_product' | 'operator_history';

/** One thing that is wrong, for programs: what it is about and what about it. */
export interface CheckIssue {
  /** A script, a schedule, a file, a part: what a reader would look for. */
  readonly subject: string;
  readonly severity: 'warn' | 'error';
  readonly message: string;
}

/** What a check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** One sentence that stands on its own. */
  readonly summary: string;
  /** What was seen, a line each. */
  readonly evidence?: readonly string[];
  /** What to do, a step each, commands where there are some. */
  readonly repairPlan?: readonly string[];
  /** What to tell an agent or a colleague who is to help. */
  readonly escalation?: string;
  readonly issues?: readonly CheckIssue[];
}

/**
 * One check of the doctor. Each domain keeps its own in its `checks.ts`; `Context` is what they need of the world.
 * `run` only looks, and may throw: the loop reports a crash as one more finding.
 */
export interface Check<Context> {
  /** `tier.subject`: shown, and matched by programs. */
  readonly id: string;
  readonly tier: CheckTier;
  /** Default: `installed_product`. */
  readonly category?: CheckCategory;
  run(context: Context): Finding | Promise<Finding>;
  /**
   * Puts right what can be put right without a decision, and answers with what it changed, a line each; none when
   * there was nothing to do. Safe to run twice. Never deletes what it cannot make again. Called only when `run` found
   * something, and `run` is asked again behind it.
   */
  fix?(context: Context): readonly string[] | Promise<readonly string[]>;
}

export function healthy(summary: string, more: Omit<Finding, 'status' | 'summary'> = {}): Finding {
  return { status: 'healthy', summary, ...more };
}

export function degraded(summary: string, more: Omit<Finding, 'status' | 'summary'> = {}): Finding {
  return { status: 'degraded', summary, ...more };
}

export function critical(summary: string, more: Omit<Finding, 'status' | 'summary'> = {}): Finding {
  return { status: 'critical', summary, ...more };
}

/** The worst of these; healthy for none. */
export function worstStatus(statuses: Iterable<CheckStatus>): CheckStatus {
  const all = new Set(statuses);
  if (all.has('critical')) return 'critical';
  return all.has('degraded') ? 'degraded' : 'healthy';
}

/** How many lines of evidence a finding shows. */
const MAX_EVIDENCE = 10;

/** A finding for a list of issues: critical when one is an error, degraded when all are warnings. */
export function fromIssues(
  issues: readonly CheckIssue[],
  { healthy: good, repairPlan }: { readonly healthy: string; readonly repairPlan: readonly string[] },
): Finding {
  if (issues.length === 0) return healthy(good);
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const parts = [
    errors > 0 ? `${errors} ${errors === 1 ? 'error' : 'errors'}` : '',
    issues.length > errors
      ? `${issues.length - errors} ${issues.length - errors === 1 ? 'warning' : 'warnings'}`
      : '',
  ];
  const lines = issues.slice(0, MAX_EVIDENCE).map(({ subject, message }) => `${subject}: ${message}`);
  const hidden = issues.length - lines.length;
  return {
    status: errors > 0 ? 'critical' : 'degraded',
    summary: parts.filter((part) => part !== '').join(', '),
    evidence: hidden > 0 ? [...lines, `and ${hidden} more`] : lines,
    repairPlan,
    issues,
  };
}
