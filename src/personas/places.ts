import { join } from 'node:path';

import type { HomePaths } from '../home/paths.ts';

/** Where contributions of packs may end up. */
export interface ContributionPlaces {
  readonly configDir: string;
  /** Files of mode 0600 in a folder of mode 0700. */
  readonly secretsDir: string;
  /** Where workspaces lie; `data` below the configuration unless the operator says otherwise. */
  readonly dataDir: string;
}

/** The one place that reads `NEXO_SECRETS_DIR` and `NEXO_DATA_DIR`. */
export function contributionPlaces(paths: HomePaths, env: NodeJS.ProcessEnv): ContributionPlaces {
  return {
    configDir: paths.config,
    secretsDir: env.NEXO_SECRETS_DIR || join(paths.config, 'secrets'),
    dataDir: env.NEXO_DATA_DIR || join(paths.config, 'data'),
  };
}
