import { isSwitchOn } from '../base/switch.ts';

/** Turns every pack off, whatever the configuration says. Commands that look at the disk still work. */
export const KILL_SWITCH = 'NEXO_DISABLE_BUNDLED_PERSONAS';

/** Whether packs are switched off as a whole. */
export function isKilled(env: NodeJS.ProcessEnv): boolean {
  return isSwitchOn(env.NEXO_DISABLE_BUNDLED_PERSONAS);
}
