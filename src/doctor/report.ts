import type { CheckCategory, CheckIssue, CheckStatus, CheckTier } from '../base/check.ts';

/** One check as it is reported. The names are a published shape. */
export interface CheckReport {
  readonly id: string;
  /** `unknown` for a check that crashed before it could tell anything. */
  readonly tier: CheckTier | 'unknown';
  readonly category: CheckCategory;
  readonly status: CheckStatus;
  readonly severity: 'info' | 'warn' | 'error';
  readonly summary: string;
  readonly evidence: readonly string[];
  readonly repair_plan: readonly string[];
  readonly escalation_prompt: string;
  /** A fix changed something, and the check is healthy since. */
  readonly fixed: boolean;
  /** What a fix changed, a line each. */
  readonly changes: readonly string[];
  /** What exactly is wrong, for programs; only where a check looks at several things. */
  readonly issues?: readonly CheckIssue[];
}

export interface DoctorReport {
  /** The worst of all checks. */
  readonly overall_status: CheckStatus;
  readonly counts: {
    readonly healthy: number;
    readonly degraded: number;
    readonly critical: number;
    readonly total: number;
  };
  readonly checks: readonly CheckReport[];
  readonly duration_ms: number;
}

const SEVERITY = { healthy: 'info', degraded: 'warn', critical: 'error' } as const;

export function severityOf(status: CheckStatus): CheckReport['severity'] {
  return SEVERITY[status];
}

/** Exit code of the doctor: 0 all healthy, 1 something degraded, 2 something critical. */
export function exitCodeOf({ overall_status }: DoctorReport): number {
  return overall_status === 'healthy' ? 0 : overall_status === 'degraded' ? 1 : 2;
}
