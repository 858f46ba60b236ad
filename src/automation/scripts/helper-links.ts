import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { temporaryName } from '../../base/folder.ts';
import type { HomePaths } from '../../home/paths.ts';

export interface HelperLink {
  /** Where scripts look. */
  readonly path: string;
  /** What of the installed package is to be found there. */
  readonly target: string;
}

/**
 * How scripts reach the helper library wherever the program is installed: `import … from 'nexo/helper'` goes up to
 * `NEXO_HOME/node_modules/nexo`, Python and shell look into `NEXO_HOME/templates`.
 */
export function helperLinks({ home }: Pick<HomePaths, 'home'>, code: string): readonly HelperLink[] {
  return [
    { path: join(home, 'node_modules', 'nexo'), target: code },
    { path: join(home, 'templates'), target: join(code, 'assets', 'templates') },
  ];
}

/** `foreign`: something that is not a link of ours stands there, and is left alone. */
export type LinkState = 'right' | 'missing' | 'elsewhere' | 'foreign';

export function linkState({ path, target }: HelperLink): LinkState {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'missing';
  if (!stat.isSymbolicLink()) return 'foreign';
  return readlinkSync(path) === target ? 'right' : 'elsewhere';
}

/**
 * Makes the links right; runs before every script, because an update may have moved the program. Never throws: a
 * script that needs no helper runs without, and the doctor says what is wrong.
 */
export function linkHelpers(paths: Pick<HomePaths, 'home'>, code: string): void {
  for (const link of helperLinks(paths, code)) {
    try {
      const state = linkState(link);
      if (state === 'missing' || state === 'elsewhere') place(link);
    } catch {
      // A read-only home.
    }
  }
}

/** By a rename, so that a script that starts meanwhile finds the old or the new. */
function place({ path, target }: HelperLink): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = join(dirname(path), temporaryName());
  // Windows lets everybody make a junction, and only some a link.
  symlinkSync(target, fresh, 'junction');
  try {
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
