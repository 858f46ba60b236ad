import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the operator's own things live. Nothing here touches the disk; callers create what they need. */
export interface HomePaths {
  /** `NEXO_HOME`, default `~/.nexo`. */
  readonly home: string;
  readonly personal: string;
  readonly config: string;
  readonly state: string;
  readonly logs: string;
  /** Compiled code of the program itself; may be deleted at any time. */
  readonly cache: string;
}

/**
 * The one place that reads `NEXO_HOME`. A leading `~/` is expanded, because harness configuration files set
 * variables without a shell; a relative value counts from the working directory.
 */
export function resolveHomePaths(env: NodeJS.ProcessEnv, userHome: string = homedir()): HomePaths {
  const home = resolveHome(env.NEXO_HOME, userHome);
  return {
    home,
    personal: join(home, 'personal'),
    config: join(home, 'config'),
    state: join(home, 'state'),
    logs: join(home, 'logs'),
    cache: join(home, 'cache'),
  };
}

function resolveHome(configured: string | undefined, userHome: string): string {
  if (configured === undefined || configured.trim() === '') return join(userHome, '.nexo');
  if (configured === '~') return userHome;
  if (configured.startsWith('~/')) return join(userHome, configured.slice(2));
  return resolve(configured);
}
