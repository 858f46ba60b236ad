import type { DaemonPart } from './part.ts';
import { createPersonasPart } from './personas-part.ts';
import { runsPart } from './runs-part.ts';
import { schedulerPart } from './scheduler-part.ts';
import { createUpkeepPart } from './upkeep-part.ts';

/** Every part of the daemon, in the order in which they are shown. */
export const DAEMON_PARTS: readonly DaemonPart[] = [
  schedulerPart,
  runsPart,
  createPersonasPart(),
  createUpkeepPart(),
];
