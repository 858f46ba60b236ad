/**
 * The files that a task is about. `named`: those and nothing else, folders with what is in them. `unknown`: it says
 * nothing of files, so it may touch any of them.
 */
export type Targets =
  | { readonly kind: 'named'; readonly paths: readonly string[] }
  | { readonly kind: 'unknown' };

export const UNKNOWN_TARGETS: Targets = { kind: 'unknown' };

/** The texts of a task that may name files. */
export interface TaskTexts {
  readonly title: string;
  readonly context: string;
  readonly approach?: string | undefined;
  readonly acceptance?: string | undefined;
}

/** A line that says it outright: `Target files: src/a.ts, docs/`, or `Files: none`. */
const DECLARED = /^[\s*-]*(?:target[ _-]?)?files?\s*:\s*(.*)$/gim;
/** Words that are paths by their looks: a folder in them, or a name with an ending that files have. */
const WORD =
  /`([^`\n]{1,200})`|(?<![\w./-])((?:\.{1,2}\/)*(?:[\w@.+-]*[\w@+-](?:\/[\w@.+-]+)+\/?|[\w@+-][\w@.+-]*\.[A-Za-z][A-Za-z0-9]{0,5}))(?![\w/])/g;
/** An address is no file, nor is a path from the root of the disk or from a home: those are not in the project. */
const URL = /\b[a-z][a-z+.-]*:\/\/\S+|(?<![\w.`])[~/][\w.~/-]+/gi;
const MAX_PATHS = 200;

/**
 * The files that a task names. Lines that declare them count alone; without one, every word that looks like a path does.
 * To name one too many costs a little time, to miss one costs somebody's work: in doubt a word counts.
 */
export function targetsOf({ title, context, approach = '', acceptance = '' }: TaskTexts): Targets {
  const text = [title, context, approach, acceptance].join('\n');
  const declared = [...text.matchAll(DECLARED)].map(([, list = '']) => list);
  if (declared.length > 0) {
    const words = declared.join(',').split(/[,;\s]+/);
    const isNone = words.every((word) => word === '' || /^none\.?$/i.test(word));
    return isNone ? { kind: 'named', paths: [] } : named(words.map((word) => word.replaceAll('`', '')));
  }
  return named(
    [...text.replaceAll(URL, ' ').matchAll(WORD)].flatMap(([, quoted, plain]) => {
      if (plain !== undefined) return [plain];
      return quoted !== undefined && /^[\w@.+-]*[./][\w@.+/-]*$/.test(quoted) ? [quoted] : [];
    }),
  );
}

/** Whether two of them have a file in common, or may have. */
export function sharesTargets(a: Targets, b: Targets): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return true;
  return a.paths.some((one) => b.paths.some((other) => isWithin(one, other) || isWithin(other, one)));
}

/** Whether every file of `inner` is among those of `outer`. */
export function coversTargets(outer: Targets, inner: Targets): boolean {
  if (outer.kind === 'unknown' || inner.kind === 'unknown') return false;
  return (
    inner.paths.length > 0 && inner.paths.every((path) => outer.paths.some((each) => isWithin(path, each)))
  );
}

export function joinTargets(all: readonly Targets[]): Targets {
  const paths = all.flatMap((each) => (each.kind === 'named' ? each.paths : []));
  return all.some(({ kind }) => kind === 'unknown')
    ? UNKNOWN_TARGETS
    : { kind: 'named', paths: [...new Set(paths)] };
}

/** Whether the path is the folder or file `outer`, or lies below it. Case does not count: some disks know none. */
export function isWithin(path: string, outer: string): boolean {
  const [a, b] = [path.toLowerCase(), outer.toLowerCase()];
  return a === b || a.startsWith(`${b}/`) || b === '';
}

function named(words: readonly string[]): Targets {
  const paths = words.flatMap((word) => normalise(word) ?? []);
  if (paths.length === 0) return UNKNOWN_TARGETS;
  // Somebody who names hundreds means the project.
  return paths.length > MAX_PATHS ? UNKNOWN_TARGETS : { kind: 'named', paths: [...new Set(paths)].sort() };
}

/** A path from the project's root without `.`, `..` and a line number; undefined for what is outside or no path. */
function normalise(word: string): string | undefined {
  const plain = word
    .trim()
    .replace(/[.,:;!?)]+$/, '')
    .replace(/(?::\d+)+$/, '')
    .replaceAll('\\', '/');
  if (plain === '' || /^[a-z][a-z+.-]*:\/\//i.test(plain) || plain.startsWith('/') || plain.startsWith('~'))
    return undefined;
  const parts: string[] = [];
  for (const part of plain.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
