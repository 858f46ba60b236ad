import { NexoError } from '../../errors.ts';
import { TABLE_TIERS, type TableTier } from './tier.ts';

/** Begins the id of everything that an operator writes. Case counts. */
export const PERSONAL_PREFIX = 'personal/';

/** Who asks for a run, and by which rule the run gets its tier. */
export type Caller =
  | { readonly kind: 'personal'; readonly id: string }
  | { readonly kind: 'user-facing'; readonly id: string }
  | { readonly kind: 'system-owned'; readonly id: string; readonly tier: TableTier };

export interface CallerRegistry {
  /** These follow the operator's default. */
  readonly userFacing: readonly string[];
  /** These have a tier of their own, whatever anybody asks for. */
  readonly systemOwned: Readonly<Record<string, TableTier>>;
}

/** Nobody knows the caller, or it has no name. Its own class, because callers of the library catch exactly this. */
export class UnregisteredCallerError extends NexoError {
  override name = 'UnregisteredCallerError';
  readonly caller: string;
  constructor(caller: string, known: readonly string[]) {
    const isEmpty = caller.trim() === '';
    super(
      'CALLER_UNREGISTERED',
      isEmpty ? 'A run needs a caller, and none was named.' : `Nobody has registered the caller "${caller}".`,
      {
        hint: isEmpty
          ? 'Name who asks: --caller personal/<name of your script>.'
          : `For a script of your own: --caller ${suggestion(caller)}. Registered: nexo tiers callers`,
        data: { caller, ...nearest(caller, known) },
      },
    );
    this.caller = caller;
  }
}

export const CALLERS: CallerRegistry = {
  userFacing: ['nexo_chat', 'desktop_new_session', 'nexo_update_interactive', 'nexo_followup_terminal'],
  systemOwned: {
    'evolution/run': 'maximo',
    reflection: 'maximo',
    'deep-sleep/synthesize': 'maximo',
    'deep-sleep/extract': 'alto',
    'deep-sleep/apply_findings': 'alto',
    'sleep/nightly': 'alto',
    'synthesis/daily': 'alto',
    'catchup/morning': 'alto',
    daily_self_audit: 'alto',
    postmortem_consolidator: 'alto',
    proactive_dashboard: 'alto',
    followup_runner: 'alto',
    'agent_run/generic': 'alto',
    'plan/execute': 'alto',
    'immune/scan': 'medio',
    learning_validator: 'medio',
    outcome_checker: 'medio',
    check_context: 'medio',
    'tools/drive_search': 'medio',
    automation_probe: 'bajo',
    enforcer_classifier: 'muy_bajo',
  },
};

/** Whom a name stands for. Throws UnregisteredCallerError. */
export function findCaller(id: string, registry: CallerRegistry = CALLERS): Caller {
  // Before the registry: an entry of it can never take a personal name over.
  if (id.startsWith(PERSONAL_PREFIX)) return { kind: 'personal', id };
  if (registry.userFacing.includes(id)) return { kind: 'user-facing', id };
  const tier = Object.hasOwn(registry.systemOwned, id) ? registry.systemOwned[id] : undefined;
  if (tier !== undefined) return { kind: 'system-owned', id, tier };
  throw new UnregisteredCallerError(id, [...registry.userFacing, ...Object.keys(registry.systemOwned)]);
}

/** The registry with one more system-owned caller. Throws TIER_UNKNOWN, INPUT_INVALID. */
export function registerSystemCaller(registry: CallerRegistry, id: string, tier: string): CallerRegistry {
  const known = TABLE_TIERS.find((each) => each === tier);
  if (known === undefined) {
    throw new NexoError('TIER_UNKNOWN', `The caller "${id}" cannot be pinned to the tier "${tier}".`, {
      hint: `The tiers are ${TABLE_TIERS.join(', ')}.`,
      data: { caller: id, tier },
    });
  }
  if (id.trim() === '' || id.startsWith(PERSONAL_PREFIX)) {
    throw new NexoError('INPUT_INVALID', `"${id}" cannot be registered as a caller of the product.`, {
      hint: 'Callers that begin with personal/ need no registration; all others need a name.',
    });
  }
  return { ...registry, systemOwned: { ...registry.systemOwned, [id]: known } };
}

/** Names under which several scripts would be counted as one. */
const VAGUE_NAMES: ReadonlySet<string> = new Set(['', 'test', 'x', 'tmp', 'temp', 'script']);

/** What is wrong with a personal name that works all the same, or undefined. */
export function vagueName(id: string): string | undefined {
  if (!id.startsWith(PERSONAL_PREFIX) || !VAGUE_NAMES.has(id.slice(PERSONAL_PREFIX.length).trim()))
    return undefined;
  return `The caller "${id}" says nothing about who asks; choose a name that stays, such as personal/morning-briefing.`;
}

function suggestion(caller: string): string {
  const last = caller
    .split('/')
    .at(-1)
    ?.toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `${PERSONAL_PREFIX}${last === undefined || last === '' ? '<name>' : last}`;
}

function nearest(caller: string, known: readonly string[]): { nearest?: string } {
  const found = known.find((id) => id.toLowerCase() === caller.trim().toLowerCase());
  return found === undefined ? {} : { nearest: found };
}
