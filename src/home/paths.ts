import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the operator's own things live. Nothing here touches the disk; callers create what they need. */
export interface HomePaths {
  /** `NEXO_HOME`, default `~/.nexo`. */
  readonly home: string;
  /** What the operator writes: scripts, skills, plugins, preferences. */
  readonly personal: string;
  readonly scripts: string;
  readonly skills: string;
  readonly plugins: string;
  /** Preferences that the operator sets by command: `calibration.json`. */
  readonly brain: string;
  /** Settings: `NEXO_CONFIG_DIR`, default `config` in the home. */
  readonly config: string;
  /** What the program keeps: database, packs, socket, locks. */
  readonly state: string;
  readonly database: string;
  /** Copies of the database from before a migration. */
  readonly backups: string;
  readonly personas: string;
  /** Staged copies of what skills run; made anew at each sync. */
  readonly skillsRuntime: string;
  /** The stable shim that timers and units call. */
  readonly bin: string;
  readonly logs: string;
  /** Compiled code of the program itself; may be deleted at any time. */
  readonly cache: string;
}

/**
 * The one place that reads `NEXO_HOME` and `NEXO_CONFIG_DIR`. A leading `~/` is expanded, because harness
 * configuration files set variables without a shell; a relative value counts from the working directory.
 */
export function resolveHomePaths(env: NodeJS.ProcessEnv, userHome: string = homedir()): HomePaths {
  const home = resolveFolder(env.NEXO_HOME, userHome) ?? join(userHome, '.nexo');
  const personal = join(home, 'personal');
  const state = join(home, 'state');
  return {
    home,
    personal,
    scripts: join(personal, 'scripts'),
    skills: join(personal, 'skills'),
    plugins: join(personal, 'plugins'),
    brain: join(personal, 'brain'),
    config: resolveFolder(env.NEXO_CONFIG_DIR, userHome) ?? join(home, 'config'),
    state,
    database: join(state, 'nexo.db'),
    backups: join(state, 'backups'),
    personas: join(state, 'personas'),
    skillsRuntime: join(home, 'skills-runtime'),
    bin: join(home, 'bin'),
    logs: join(home, 'logs'),
    cache: join(home, 'cache'),
  };
}

function resolveFolder(configured: string | undefined, userHome: string): string | undefined {
  if (configured === undefined || configured.trim() === '') return undefined;
  if (configured === '~') return userHome;
  if (configured.startsWith('~/')) return join(userHome, configured.slice(2));
  return resolve(configured);
}
