/** The tiers that a person or a script may name, the most demanding first. */
export const TIERS = ['maximo', 'alto', 'medio', 'bajo'] as const;
export type Tier = (typeof TIERS)[number];

/** A row of the tiers file: the four, and the one for internal classifiers, which nobody can ask for by name. */
export type TableTier = Tier | 'muy_bajo';
export const TABLE_TIERS: readonly TableTier[] = [...TIERS, 'muy_bajo'];

/** What holds where nothing says otherwise. */
export const DEFAULT_TIER: Tier = 'alto';

/** The tier that a word names, blanks and capitals aside; undefined when it names none that may be asked for. */
export function toTier(word: unknown): Tier | undefined {
  if (typeof word !== 'string') return undefined;
  const name = word.trim().toLowerCase();
  return TIERS.find((tier) => tier === name);
}
