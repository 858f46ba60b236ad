import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Variables that would lead a test to the files or the project of whoever runs it. */
const LEADING_AWAY = /^(NEXO_|NEXUS_|XDG_|GIT_|CLAUDE_|CODEX_|OPENCODE_|npm_config_)/i;

/**
 * Gives the whole run a home and a temporary folder of its own and removes both at the end. Runs before the test
 * processes start, which inherit the environment.
 */
export function setup(): () => void {
  const before = { ...process.env };
  // Resolved, because a test compares paths that programs report, and those are without links (macOS: /tmp).
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'nexo-test-'));
  for (const name of Object.keys(process.env)) if (LEADING_AWAY.test(name)) delete process.env[name];
  const home = join(base, 'home');
  const temporary = join(base, 'tmp');
  mkdirSync(home);
  mkdirSync(temporary);
  Object.assign(process.env, { HOME: home, USERPROFILE: home, NEXO_HOME: join(home, '.nexo') });
  Object.assign(process.env, { TMPDIR: temporary, TEMP: temporary, TMP: temporary });
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    rmSync(base, { recursive: true, force: true });
  };
}
