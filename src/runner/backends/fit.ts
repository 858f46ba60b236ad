import { NexoError } from '../../errors.ts';
import type { ResolvedModel } from '../tiers/resolve-model.ts';
import type { ModelAndEffort } from '../tiers/tiers-file.ts';
import type { BackendName, Offer } from './contract.ts';

/** From the least to the most; a word that is not among them is only ever taken literally. */
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'] as const;

export interface Fitted extends ModelAndEffort {
  readonly warnings: readonly string[];
}

type Asked = Pick<ResolvedModel, 'model' | 'modelSource' | 'effort' | 'effortSource'>;

/**
 * Fits what a run asks for to what the backend offers. What somebody named for this very run is taken literally or
 * refused (BACKEND_OPTION_UNKNOWN). What comes from a tier or a profile gives way, and the run says so: an unknown
 * model to the backend's own, an unknown effort to the nearest below, else to the lowest.
 */
export function fitToOffer(asked: Asked, offer: Offer | undefined, backend: BackendName): Fitted {
  const warnings: string[] = [];
  const { models } = offer ?? {};
  let { model, effort } = asked;
  let found = models?.find(({ id }) => id === model);
  if (model !== '' && models !== undefined && found === undefined) {
    const ids = models.map(({ id }) => id);
    if (asked.modelSource === 'explicit') throw unknown(backend, 'model', model, ids);
    warnings.push(
      `${backend} does not offer the model ${model} of the ${asked.modelSource}; it chooses its own.`,
    );
    model = '';
  }
  if (models?.length === 1 && model === '') found = models[0];
  const efforts =
    model === '' && found === undefined ? offer?.defaultEfforts : (found?.efforts ?? offer?.defaultEfforts);
  if (effort === '' || efforts === undefined || efforts.includes(effort)) return { model, effort, warnings };
  if (asked.effortSource === 'explicit') throw unknown(backend, 'effort', effort, efforts);
  const nearest = nearestEffort(effort, efforts);
  warnings.push(
    nearest === ''
      ? `${backend} has no efforts for this model; ${effort} of the ${asked.effortSource} is left out.`
      : `${backend} does not offer the effort ${effort} of the ${asked.effortSource}; ${nearest} is the nearest.`,
  );
  effort = nearest;
  return { model, effort, warnings };
}

/** The highest that is offered and not above it, else the lowest; empty when there is none that we can compare. */
function nearestEffort(effort: string, offered: readonly string[]): string {
  const rank = (word: string): number => (EFFORTS as readonly string[]).indexOf(word);
  const known = offered.filter((word) => rank(word) >= 0).sort((a, b) => rank(a) - rank(b));
  return known.findLast((word) => rank(word) <= rank(effort)) ?? known[0] ?? '';
}

function unknown(backend: string, what: string, value: string, offered: readonly string[]): NexoError {
  const shown = offered.slice(0, 20).join(', ');
  return new NexoError('BACKEND_OPTION_UNKNOWN', `${backend} does not offer the ${what} "${value}".`, {
    hint:
      offered.length === 0
        ? 'It takes none; leave it out.'
        : `It offers: ${shown}${offered.length > 20 ? ', …' : ''}`,
    data: { backend, [what]: value, offered },
  });
}
