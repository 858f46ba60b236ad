import { isAbsolute } from 'node:path';

/** What every job may count on. */
const USUAL = ['/usr/local/bin', '/usr/bin', '/bin'];

/**
 * `PATH` for jobs, from that of the shell in which schedules are reconciled: absolute folders only, each once, without
 * those of one project's tools, and with the usual ones at its end. `bin` is where the shim lies.
 */
export function captureSearchPath(shellPath: string | undefined, bin: string): string {
  const folders = (shellPath ?? '').split(':').filter(isKept);
  return [...new Set([bin, ...folders, ...USUAL])].join(':');
}

function isKept(folder: string): boolean {
  return isAbsolute(folder) && !/\p{Cc}/u.test(folder) && !/\/node_modules\/\.bin\/?$/.test(folder);
}
