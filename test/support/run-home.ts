import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../../src/base/clock.ts';
import { resolveHomePaths } from '../../src/home/paths.ts';
import type { RunWorld } from '../../src/runner/request.ts';

const FAKE_AGENT = fileURLToPath(new URL('fake-agent.mjs', import.meta.url));

/** Words that start the fake agent program of a kind. */
export function fakeAgent(kind: 'claude' | 'codex' | 'opencode' | 'command'): string[] {
  return [process.execPath, FAKE_AGENT, kind];
}

export interface RunHome {
  readonly world: RunWorld;
  /** Where runs run. */
  readonly project: string;
}

/** A home and a project of their own; `settings` becomes the settings file, which may be JSON, as YAML allows. */
export function createRunHome(settings: object = {}, env: NodeJS.ProcessEnv = {}): RunHome {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runs-')));
  const project = join(folder, 'project');
  const home = join(folder, 'home');
  mkdirSync(join(project, '.git'), { recursive: true });
  const own: NodeJS.ProcessEnv = { PATH: process.env.PATH, HOME: folder, NEXO_HOME: home, ...env };
  const paths = resolveHomePaths(own, folder);
  mkdirSync(paths.config, { recursive: true });
  if (Object.keys(settings).length > 0)
    writeFileSync(join(paths.config, 'runtime.yaml'), JSON.stringify(settings));
  return { project, world: { paths, env: own, userHome: folder, cwd: project, clock: systemClock } };
}
