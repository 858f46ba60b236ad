import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { HomePaths } from '../../home/paths.ts';
import { runsFolder } from '../event-file.ts';
import { ANSWER_FILE } from '../run-end.ts';

/** The answer that a run has left in its folder; undefined when it has left none, or it was cleared away since. */
export function keptAnswer(paths: HomePaths, run: string): string | undefined {
  try {
    return readFileSync(join(runsFolder(paths), run, ANSWER_FILE), 'utf8');
  } catch {
    return undefined;
  }
}
