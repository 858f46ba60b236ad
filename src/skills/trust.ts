import type { SkillLevel } from './definition.ts';

export const INITIAL_TRUST = 50;
const SUCCESS_TRUST = 5;
const FAILURE_TRUST = -10;
/** Below it a skill is archived. */
const ARCHIVE_BELOW = 20;
const DRAFT_IDLE_MS = 30 * 86_400_000;
const PUBLISHED_IDLE_MS = 90 * 86_400_000;
const IDLE_TRUST = -5;
const PURGE_IDLE_MS = 60 * 86_400_000;
/** Different contexts in which a draft has to work before it counts as published. */
const PUBLISH_CONTEXTS = 2;

/** What a skill's record says of it. */
export interface SkillRecord {
  readonly level: SkillLevel;
  readonly trustScore: number;
  readonly useCount: number;
  readonly successCount: number;
  readonly failCount: number;
  readonly stableAfterUses: number;
}

export interface Judged {
  readonly trustScore: number;
  readonly level: SkillLevel;
  /** What changed about its level; empty when nothing did. */
  readonly promotion: string;
}

/** What one use makes of a skill. `contexts` are the different ones in which it has worked, this one included. */
export function judgeUse(record: SkillRecord, success: boolean, contexts: number): Judged {
  const trustScore = clamp(record.trustScore + (success ? SUCCESS_TRUST : FAILURE_TRUST));
  const successCount = record.successCount + (success ? 1 : 0);
  const failCount = record.failCount + (success ? 0 : 1);
  if (trustScore < ARCHIVE_BELOW && record.level !== 'trace' && record.level !== 'archived') {
    return {
      trustScore,
      level: 'archived',
      promotion: `${record.level} → archived: trust fell to ${trustScore}`,
    };
  }
  if (record.level === 'draft' && contexts >= PUBLISH_CONTEXTS) {
    return { trustScore, level: 'published', promotion: `draft → published: worked in ${contexts} contexts` };
  }
  if (record.level === 'published' && failCount === 0 && successCount >= record.stableAfterUses) {
    return {
      trustScore,
      level: 'stable',
      promotion: `published → stable: worked ${successCount} times, never failed`,
    };
  }
  return { trustScore, level: record.level, promotion: '' };
}

export type Decay =
  | { readonly kind: 'none' }
  | { readonly kind: 'change'; readonly level: SkillLevel; readonly trustScore: number }
  | { readonly kind: 'purge' };

/** What idleness makes of a skill; `idleMs` counts from its last use, or from its beginning. */
export function judgeIdleness(record: Pick<SkillRecord, 'level' | 'trustScore'>, idleMs: number): Decay {
  const { level, trustScore } = record;
  if (level === 'draft' && idleMs >= DRAFT_IDLE_MS)
    return { kind: 'change', level: 'archived', trustScore: 0 };
  if ((level === 'published' || level === 'stable') && idleMs >= PUBLISHED_IDLE_MS) {
    const lowered = clamp(trustScore + IDLE_TRUST);
    return { kind: 'change', level: lowered < ARCHIVE_BELOW ? 'archived' : level, trustScore: lowered };
  }
  if (level === 'archived' && idleMs >= PURGE_IDLE_MS) return { kind: 'purge' };
  return { kind: 'none' };
}

const ORDER: readonly SkillLevel[] = ['trace', 'draft', 'published', 'stable'];

/** The level after its file was read: never lower than the record has it, and archived stays archived. */
export function levelAfterSync(stored: SkillLevel, declared: SkillLevel): SkillLevel {
  if (stored === 'archived' || declared === 'archived') return 'archived';
  return ORDER.indexOf(declared) > ORDER.indexOf(stored) ? declared : stored;
}

function clamp(trust: number): number {
  return Math.max(0, Math.min(100, trust));
}
