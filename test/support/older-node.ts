import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** A Node in PATH that is too old for Nexo, to try the real thing; undefined where there is none. */
export function olderNode(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
    try {
      const version = execFileSync(file, ['-p', 'process.versions.node'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      if (Number.parseInt(version, 10) < 22) return file;
    } catch {
      // no Node in this folder
    }
  }
  return undefined;
}
