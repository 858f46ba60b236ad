import { PERSONAL_PREFIX } from './tiers/callers.ts';

/** Who asks when nobody says so: all such calls are counted as one. */
export const GENERIC_CALLER = 'agent_run/generic';

/**
 * The caller of a command line without one. Inside a personal script it is that script's name; anywhere else it is the
 * generic one. Both come with a warning, because a name that is written down is better.
 */
export function assumeCaller({ NEXO_SCRIPT_NAME: script }: NodeJS.ProcessEnv): {
  caller: string;
  warning: string;
} {
  if (script !== undefined && /^[\w.-]+$/.test(script)) {
    const caller = `${PERSONAL_PREFIX}${script}`;
    return { caller, warning: `No --caller is given; this is a personal script, so it counts as ${caller}.` };
  }
  return {
    caller: GENERIC_CALLER,
    warning: `No --caller is given, so it counts as ${GENERIC_CALLER}, like every call that names nobody.`,
  };
}
