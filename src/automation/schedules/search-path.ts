import { isAbsolute } from 'node:path';

import { isTemporary } from '../../home/scratch.ts';

/** What every job may count on. */
const USUAL = ['/usr/local/bin', '/usr/bin', '/bin'];

/**
 * Folders that a tool puts in front for as long as it runs a command: the packages of a project, or of what npx
 * fetched, and npm's own way to its compiler.
 */
const OF_A_TOOL = [/\/node_modules\/\.bin$/, /\/node-gyp-bin$/];

/**
 * `PATH` for jobs, from that of the shell in which schedules are reconciled: absolute folders only, each once, without
 * what is there only while a tool runs or until temporary files are cleared, and with the usual ones at its end. `bin`
 * is where the shim lies; a home in a temporary folder keeps temporary ones, since it goes together with them.
 */
export function captureSearchPath(
  shellPath: string | undefined,
  bin: string,
  temporaryFolder: string,
): string {
  const isScratch = isTemporary(bin, temporaryFolder);
  const folders = (shellPath ?? '')
    .split(':')
    .map((folder) => (folder.length > 1 ? folder.replace(/\/+$/, '') : folder))
    .filter((folder) => isAbsolute(folder) && !/\p{Cc}/u.test(folder))
    .filter((folder) => !OF_A_TOOL.some((pattern) => pattern.test(folder)))
    .filter((folder) => isScratch || !isTemporary(folder, temporaryFolder));
  return [...new Set([bin, ...folders, ...USUAL])].join(':');
}
