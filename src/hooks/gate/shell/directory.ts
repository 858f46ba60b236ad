import { hasMark, LISTED } from '../marks.ts';
import { readOptions } from './options.ts';

/** Directories at once that a script may be in. */
const MAX_PLACES = 4;

/**
 * Where the shell is after `cd` and its kin; undefined for other commands. A directory that is not known, or one of
 * too many, gives `from: undefined`.
 */
export function changeDirectory(
  name: string,
  args: readonly string[],
  state: { from: readonly string[] | undefined; home: string },
): { from: readonly string[] | undefined } | undefined {
  if (name === 'popd') return { from: undefined };
  if (name !== 'cd' && name !== 'pushd' && name !== 'chdir') return undefined;
  const { operands } = readOptions(args, {});
  const [target = '~'] = operands;
  if (target === '~') return { from: [state.home] };
  if (target === '-' || /^[-+]\d+$/.test(target)) return { from: undefined };
  // The top of the project, or a folder out of a listing.
  if (target === LISTED || target.replaceAll(LISTED, '') === '') return { from: state.from };
  if (hasMark(target)) return { from: undefined };
  const path = target.startsWith('~/') ? state.home + target.slice(1) : target;
  if (path.startsWith('/')) return { from: [path] };
  if (state.from === undefined || state.from.length > MAX_PLACES) return { from: undefined };
  return { from: state.from.map((place) => `${place}/${path}`) };
}
