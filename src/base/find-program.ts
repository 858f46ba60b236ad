import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The absolute path of a program in the folders of `searchPath`, as a shell would find it; undefined when there is
 * none. Folders that are not absolute are passed over: what they name depends on where one stands.
 */
export function findProgram(name: string, searchPath: string | undefined): string | undefined {
  if (name === '' || /[/\\\0]/.test(name)) return undefined;
  for (const folder of (searchPath ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    for (const suffix of SUFFIXES) {
      const path = join(folder, name + suffix);
      if (isProgram(path)) return path;
    }
  }
  return undefined;
}

const SUFFIXES = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];

/** Whether a file stands there that the current user may run. */
export function isProgram(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // nothing there, or nothing for us
  }
}
