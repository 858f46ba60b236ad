// Loaded by the entry point before anything else, so it stays readable for a Node that is long out of date.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What npm calls this package. */
export const PACKAGE_NAME = '@nexo-home/nexo';

/** The version in package.json, which is the only place that states it. */
export function nexoVersion(): string {
  return String(readManifest(packageRoot()).version);
}

/**
 * The folder of the installed package, or of the source tree: where `assets/` and `docs/` are. It is one level above
 * this module in the sources, one or two above it in the bundled program.
 */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [dirname(here), dirname(dirname(here))];
  const found = candidates.find((folder) => readManifest(folder).name === PACKAGE_NAME);
  if (found === undefined) throw new Error(`No package.json of ${PACKAGE_NAME} above ${import.meta.url}`);
  return found;
}

function readManifest(folder: string): { name?: unknown; version?: unknown } {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // not there, or not ours: the next candidate decides
  }
}
