import type { CheckTier } from '../base/check.ts';

/** In the order in which they run. */
export const TIERS: readonly CheckTier[] = ['boot', 'runtime', 'deep'];

export const TIER_REQUESTS = ['boot', 'runtime', 'deep', 'all'] as const;
export type TierRequest = (typeof TIER_REQUESTS)[number];
/** Whatever somebody typed; the doctor reports a word that is no tier. */
export type TierWord = TierRequest | (string & {});

export const PLANES = [
  'product_public',
  'runtime_personal',
  'installation_live',
  'database_real',
  'cooperator',
] as const;
export type Plane = (typeof PLANES)[number];
