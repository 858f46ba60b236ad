import { findCaller } from './callers.ts';
import { type ResolvedTier, resolveTier, type TierRequest } from './resolve-tier.ts';
import { lookUpTier, type ModelAndEffort, type TiersTable } from './tiers-file.ts';

export interface ModelRequest extends Omit<TierRequest, 'defaultTier' | 'defaultFile'> {
  readonly backend: string;
  /** `--model`: beats the tier. */
  readonly model?: string | undefined;
  /** `--reasoning-effort`: beats the tier for the effort alone. */
  readonly effort?: string | undefined;
  /** The operator's own pair for the backend, used where everything above is silent. */
  readonly profile?: Partial<ModelAndEffort>;
}

export type PairSource = 'explicit' | 'tier' | 'profile' | 'backend';

/** What a run is going to ask of its backend, and why. */
export interface ResolvedModel extends ModelAndEffort, Pick<ResolvedTier, 'tier' | 'steps' | 'caller'> {
  readonly tierSource: ResolvedTier['source'];
  readonly modelSource: PairSource;
  readonly effortSource: PairSource;
  readonly warnings: readonly string[];
}

/** Words of an older configuration that name no model; the tier's stands in for them. */
const LEGACY_WORDS: ReadonlySet<string> = new Set(['opus', 'sonnet']);

/** Tier, model and effort of a run: the whole chain, without a look at what the backend offers. */
export function resolveModel(table: TiersTable, request: ModelRequest): ResolvedModel {
  const resolved = resolveTier({ ...request, defaultTier: table.defaultTier, defaultFile: table.path });
  const pair = lookUpTier(table, resolved.tier, request.backend);
  const warnings = [...resolved.warnings];
  const asked = request.model?.trim() ?? '';
  const isLegacy = LEGACY_WORDS.has(asked.toLowerCase());
  if (isLegacy) warnings.push(`The model "${asked}" is an old word; the model of the tier is used.`);
  const [model, modelSource] = firstOf(isLegacy ? '' : asked, pair.model, request.profile?.model);
  const [effort, effortSource] = firstOf(request.effort?.trim() ?? '', pair.effort, request.profile?.effort);
  const { tier, source: tierSource, steps, caller } = resolved;
  return { tier, tierSource, steps, caller, model, modelSource, effort, effortSource, warnings };
}

/**
 * The pair that the table has for a caller and a backend; two empty texts for a backend that it does not know, so
 * that the caller can supply its own. Throws UnregisteredCallerError.
 */
export function resolveModelAndEffort(
  table: TiersTable,
  request: Omit<TierRequest, 'defaultTier' | 'defaultFile'> & { readonly backend: string },
): ModelAndEffort {
  findCaller(request.caller, request.registry);
  const { tier } = resolveTier({ ...request, defaultTier: table.defaultTier, defaultFile: table.path });
  return lookUpTier(table, tier, request.backend);
}

function firstOf(explicit: string, tier: string, profile: string | undefined): [string, PairSource] {
  if (explicit !== '') return [explicit, 'explicit'];
  if (tier !== '') return [tier, 'tier'];
  if (profile !== undefined && profile !== '') return [profile, 'profile'];
  return ['', 'backend'];
}
