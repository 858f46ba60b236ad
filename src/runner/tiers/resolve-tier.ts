import { CALLERS, type Caller, type CallerRegistry, findCaller, vagueName } from './callers.ts';
import { type TableTier, toTier } from './tier.ts';

/** What the operator prefers, as the files say it. */
export interface TierPreference {
  /** The word in the file, which need not be a tier. */
  readonly value: string;
  readonly file: string;
}

export interface TierRequest {
  readonly caller: string;
  /** `--tier`, or the `tier` argument of a call. */
  readonly explicitTier?: string | undefined;
  readonly userDefault?: string | undefined;
  /** In the order in which the files count. */
  readonly preferences: readonly TierPreference[];
  readonly defaultTier: TableTier;
  readonly defaultFile: string;
  readonly registry?: CallerRegistry;
}

/** Where a tier can come from. */
export type TierSource = 'pinned' | 'explicit_tier' | 'user_default' | 'preference' | 'default';

export interface TierStep {
  readonly source: TierSource;
  /** What was found there; null when nothing was. */
  readonly value: string | null;
  readonly outcome: 'wins' | 'absent' | 'invalid' | 'ignored' | 'not_reached';
  readonly note: string;
}

export interface ResolvedTier {
  readonly caller: Caller;
  readonly tier: TableTier;
  readonly source: TierSource;
  readonly steps: readonly TierStep[];
  /** For the person: a word that was no tier, a name that says nothing. */
  readonly warnings: readonly string[];
}

interface Candidate {
  readonly source: TierSource;
  readonly value: string | undefined;
  readonly where: string;
  /** Why it plays no part for this caller, whatever it says. */
  readonly ignored?: string;
}

/**
 * The tier of a run. The first valid hit wins; a word that is no tier counts as no hint, and is reported. Throws
 * UnregisteredCallerError, and nothing for a personal caller.
 */
export function resolveTier(request: TierRequest): ResolvedTier {
  const caller = findCaller(request.caller, request.registry ?? CALLERS);
  const steps: TierStep[] = [];
  const warnings: string[] = [];
  let winner: { tier: TableTier; source: TierSource } | undefined;

  for (const { source, value, where, ignored } of candidatesOf(caller, request)) {
    const isAbsent = value === undefined || value.trim() === '';
    const step = (outcome: TierStep['outcome'], note: string): void => {
      steps.push({ source, value: isAbsent ? null : (value ?? null), outcome, note });
    };
    if (ignored !== undefined) {
      if (isAbsent) continue;
      step('ignored', ignored);
      if (source === 'explicit_tier') warnings.push(`The tier "${value}" is ignored: ${ignored}.`);
      continue;
    }
    if (winner !== undefined) {
      step('not_reached', `${where}: decided above`);
      continue;
    }
    if (isAbsent) {
      step('absent', `${where}: nothing`);
      continue;
    }
    const tier = source === 'default' ? request.defaultTier : toTier(value);
    if (tier === undefined) {
      step('invalid', `${where}: "${value}" is no tier, so it counts as no hint`);
      warnings.push(`"${value}" is no tier and counts as no hint (${where}).`);
      continue;
    }
    step('wins', where);
    winner = { tier, source };
  }
  if (caller.kind === 'system-owned') {
    steps.unshift({
      source: 'pinned',
      value: caller.tier,
      outcome: 'wins',
      note: 'the product pins the tier of this caller',
    });
    winner = { tier: caller.tier, source: 'pinned' };
  }
  const vague = vagueName(caller.id);
  if (vague !== undefined) warnings.push(vague);
  const { tier, source } = winner ?? { tier: request.defaultTier, source: 'default' };
  return { caller, tier, source, steps, warnings };
}

function candidatesOf(caller: Caller, request: TierRequest): Candidate[] {
  const { explicitTier, userDefault, preferences, defaultTier, defaultFile } = request;
  const pinned = caller.kind === 'system-owned' ? { ignored: 'the tier of this caller is pinned' } : {};
  const explicit = caller.kind === 'user-facing' ? { ignored: 'this caller follows your default' } : pinned;
  return [
    { source: 'explicit_tier', value: explicitTier, where: '--tier, or the tier of the call', ...explicit },
    { source: 'user_default', value: userDefault, where: 'the default passed with the call', ...pinned },
    ...(preferences.length === 0
      ? [{ source: 'preference', value: undefined, where: 'your preferences', ...pinned } as const]
      : preferences.map(
          ({ value, file }) =>
            ({ source: 'preference', value, where: `your preference in ${file}`, ...pinned }) as const,
        )),
    ...(caller.kind === 'system-owned'
      ? []
      : [{ source: 'default', value: defaultTier, where: `the default of ${defaultFile}` } as const]),
  ];
}
