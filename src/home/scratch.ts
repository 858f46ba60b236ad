import { realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';

import { isSwitchOn } from '../base/switch.ts';

export interface ScratchInput {
  /** `NEXO_HOME` as resolved. */
  readonly home: string;
  /** `HOME` as the process sees it. */
  readonly userHome: string;
  /** The home folder of the account in the system's list of users; undefined where it has none. */
  readonly accountHome: string | undefined;
  /** `TMPDIR` as the process sees it. */
  readonly temporaryFolder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Where systems keep what may vanish. */
const TEMPORARY_ROOTS = [
  '/tmp',
  '/var/tmp',
  '/private/tmp',
  '/private/var/tmp',
  '/var/folders',
  '/dev/shm',
  '/run/user',
];

/**
 * Why this home must not touch the operating system's scheduler, or undefined when it may. A unit in the operator's
 * real account that points at a folder in `/tmp` fires for ever after the folder is gone.
 * `NEXO_ALLOW_EPHEMERAL_INSTALL=1` says that it is meant.
 */
export function scratchReason({
  home,
  userHome,
  accountHome,
  temporaryFolder,
  env,
}: ScratchInput): string | undefined {
  if (isSwitchOn(env.NEXO_ALLOW_EPHEMERAL_INSTALL)) return undefined;
  if (isTemporary(home, temporaryFolder)) return `NEXO_HOME ${home} is in a temporary folder`;
  if (isTemporary(userHome, temporaryFolder)) return `HOME ${userHome} is in a temporary folder`;
  if (accountHome !== undefined && real(accountHome) !== real(userHome)) {
    return `HOME ${userHome} is not the home folder of this account, ${accountHome}`;
  }
  return undefined;
}

/** Whether this is a place that systems clear by themselves; `temporaryFolder` is `TMPDIR`. */
export function isTemporary(path: string, temporaryFolder: string): boolean {
  return isBelow(path, [...TEMPORARY_ROOTS, temporaryFolder]);
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return [path, real(path)].some((candidate) =>
    roots.some((root) => {
      const way = relative(real(root), candidate);
      return way === '' || !(way.startsWith('..') || isAbsolute(way));
    }),
  );
}

/** The path with its links resolved as far as it exists. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A folder that is not there yet has no links to resolve.
    return path;
  }
}
