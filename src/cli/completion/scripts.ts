import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageRoot } from '../../version.ts';

/** Shells that `nexo completions` knows. */
export const SHELLS = ['bash', 'zsh', 'fish', 'pwsh'] as const;
export type Shell = (typeof SHELLS)[number];

const FILES: Readonly<Record<Shell, string>> = {
  bash: 'nexo.bash',
  zsh: 'nexo.zsh',
  fish: 'nexo.fish',
  pwsh: 'nexo.ps1',
};

/**
 * The completion script of a shell. All of them ask `nexo __complete` with the words before the cursor as separate
 * arguments and never `eval` anything, so a half-typed `$(…)` is not run by pressing Tab.
 */
export function completionScript(shell: Shell): string {
  return readFileSync(join(packageRoot(), 'assets', 'completions', FILES[shell]), 'utf8');
}
