import { packageRoot } from '../version.ts';

/** The words that start this very program again: the built one, or the sources when we run from them. */
export function ownProgram(): readonly [string, ...string[]] {
  if (!import.meta.url.endsWith('.ts')) return [process.execPath, `${packageRoot()}/dist/main.js`];
  // Before 22.18 types are stripped behind a flag.
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
  return [process.execPath, ...flags, `${packageRoot()}/src/main.ts`];
}
