import type { ExecutionLevel, SkillDefinition } from './definition.ts';
import type { KnownSkill } from './match.ts';

/** Whether a skill's program may run, and why. */
export type Approval =
  /** Nothing to run, or level `none`: it never runs. */
  | { readonly kind: 'never'; readonly reason: string }
  /** Runs without a question. */
  | { readonly kind: 'automatic' }
  | { readonly kind: 'approved'; readonly by: string; readonly at: string }
  /** Waits for the operator's word. */
  | { readonly kind: 'needed'; readonly reason: string };

/** Levels whose programs stay on this machine. */
const LOCAL: ReadonlySet<ExecutionLevel> = new Set(['read-only', 'local']);
/** Sources whose programs the operator, or this package, has written. */
const OWN: ReadonlySet<SkillDefinition['sourceKind']> = new Set(['personal', 'core']);

/**
 * Judges whether a program may run. What reaches other machines, and what somebody else wrote, waits for the operator;
 * an approval holds for the skill as it was then, so that a changed program asks again.
 */
export function judgeApproval({ skill, stored }: KnownSkill): Approval {
  const { executionLevel, sourceKind, sourceName, approvalRequired } = skill;
  if (skill.executable === undefined) return { kind: 'never', reason: 'it has no program' };
  if (executionLevel === 'none') return { kind: 'never', reason: 'its execution level is none' };
  const isApproved = stored.approvedExecutionLevel === executionLevel;
  if (isApproved && stored.approvedDigest === stored.digest) {
    return { kind: 'approved', by: stored.approvedBy, at: stored.approvedAt };
  }
  if (!approvalRequired && LOCAL.has(executionLevel) && OWN.has(sourceKind)) return { kind: 'automatic' };
  if (isApproved) return { kind: 'needed', reason: 'it has changed since it was approved' };
  if (approvalRequired) return { kind: 'needed', reason: 'it says so itself, or was imported' };
  if (OWN.has(sourceKind)) return { kind: 'needed', reason: 'its execution level is remote' };
  return { kind: 'needed', reason: `its program comes from ${sourceName}` };
}
