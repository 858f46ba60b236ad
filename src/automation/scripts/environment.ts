import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { isSecretName } from '../../base/redact.ts';
import type { HomePaths } from '../../home/paths.ts';

export interface EnvironmentOptions {
  readonly paths: Pick<HomePaths, 'home' | 'bin' | 'cache'>;
  /** Folder of the installed package. */
  readonly code: string;
  /** The Node that runs us. */
  readonly node: string;
  readonly script: { readonly name: string; readonly path: string };
}

/** What a script gets to see: everything in `base`, and what the helper library needs to find us again. */
export function scriptEnvironment(
  base: NodeJS.ProcessEnv,
  { paths, code, node, script }: EnvironmentOptions,
): NodeJS.ProcessEnv {
  const python = base.PYTHONPATH;
  return {
    ...base,
    NEXO_HOME: paths.home,
    NEXO_CODE: code,
    NEXO_SCRIPT_NAME: script.name,
    NEXO_SCRIPT_PATH: script.path,
    NEXO_CLI: 'nexo',
    NEXO_BIN: programOf(paths, code),
    NEXO_NODE: node,
    PYTHONPATH: [join(code, 'assets', 'templates'), ...(python ? [python] : [])].join(delimiter),
    // Compiled Python must not end up in the installed package.
    PYTHONPYCACHEPREFIX: base.PYTHONPYCACHEPREFIX ?? join(paths.cache, 'python'),
    // Its output goes through a pipe, and is to be seen when it is written.
    PYTHONUNBUFFERED: base.PYTHONUNBUFFERED ?? '1',
  };
}

/** Words that switch something, however secret the name of the variable sounds. */
const SWITCH = /^(?:true|false|none|null|auto|default|enabled|disabled|always|never|\d{1,6})$/i;

/** Values in an environment that must not be written down. */
export function secretsIn(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && isSecretName(name) && !SWITCH.test(value) ? [value] : [],
  );
}

/** The stable shim where there is one, else the program itself, which is to be run with NEXO_NODE. */
function programOf({ bin }: EnvironmentOptions['paths'], code: string): string {
  const shim = join(bin, 'nexo');
  return existsSync(shim) ? shim : join(code, 'dist', 'main.js');
}
