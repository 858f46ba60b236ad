import type { HomePaths } from '../home/paths.ts';
import { type Decision, decide, type Need } from './decide.ts';
import { type Existing, findMatches, type Match } from './matches.ts';
import { headerLines, type Route, routeOf } from './route.ts';

/** The whole answer to a need: what to make, why, how, and what is there already. */
export interface Advice extends Omit<Decision, 'timing'>, Route {
  /** The lines of a script's header that declare the time; empty without one. */
  readonly header: readonly string[];
  /** Where the script has to look at the calendar itself, since a schedule knows no such days. */
  readonly selfGate: string | null;
  readonly existingMatches: readonly Match[];
}

/** Says which artifact a need calls for. Pure, and without a model. */
export function advise(
  need: Need,
  existing: readonly Existing[],
  paths: Pick<HomePaths, 'scripts' | 'skills' | 'plugins'>,
): Advice {
  const { timing, ...decision } = decide(need);
  return {
    ...decision,
    ...routeOf({ ...decision, timing }, need, paths),
    header: timing === undefined ? [] : headerLines(timing),
    selfGate: timing?.kind === 'gated' ? timing.days : null,
    existingMatches: findMatches(need.text, existing),
  };
}
