import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { resolveHomePaths } from '../../src/home/paths.ts';
import { SkillLibrary } from '../../src/skills/library.ts';

/** A clock that a test sets. */
export interface SetClock {
  now(): number;
  ms: number;
}

export interface SkillHome {
  readonly library: SkillLibrary;
  readonly paths: ReturnType<typeof resolveHomePaths>;
  readonly clock: SetClock;
  /** Writes a file below the home. */
  write(path: string, content: string | object, mode?: number): string;
}

/** A temporary home, with our own skills when `withCore`. */
export async function openSkillHome({ withCore = false } = {}): Promise<SkillHome> {
  const home = mkdtempSync(join(tmpdir(), 'skills-'));
  const paths = resolveHomePaths({ NEXO_HOME: home });
  const clock: SetClock = { ms: Date.UTC(2026, 0, 1), now: () => clock.ms };
  const assets = withCore ? join(import.meta.dirname, '..', '..', 'assets') : join(home, 'no-assets');
  const library = await SkillLibrary.open({ paths, assets, clock });
  const write = (path: string, content: string | object, mode = 0o644): string => {
    const file = join(home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode });
    return file;
  };
  return { library, paths, clock, write };
}
