export interface ChangedLine {
  readonly mark: '+' | '-';
  readonly text: string;
}

/** Above this many comparisons the middle part is shown as one replacement; only very large files get there. */
const MAX_COMPARISONS = 1_000_000;

/** The lines that went and came, in the order of the file. */
export function diffLines(before: string, after: string): ChangedLine[] {
  const old = splitLines(before);
  const fresh = splitLines(after);
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const shorter = Math.min(old.length, fresh.length) - start;
  while (end < shorter && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  return diffMiddle(old.slice(start, old.length - end), fresh.slice(start, fresh.length - end));
}

/** By the longest common subsequence, the textbook way: the files of a tour are short. */
function diffMiddle(old: readonly string[], fresh: readonly string[]): ChangedLine[] {
  const removed = (text: string): ChangedLine => ({ mark: '-', text });
  const added = (text: string): ChangedLine => ({ mark: '+', text });
  if (old.length * fresh.length > MAX_COMPARISONS) return [...old.map(removed), ...fresh.map(added)];
  const common: number[][] = Array.from({ length: old.length + 1 }, () =>
    new Array<number>(fresh.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = common[i] ?? [];
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      row[j] = old[i] === fresh[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const changes: ChangedLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const [was, is] = [old[i], fresh[j]];
    if (was !== undefined && was === is) {
      i += 1;
      j += 1;
    } else if (was !== undefined && (is === undefined || at(i + 1, j) >= at(i, j + 1))) {
      changes.push(removed(was));
      i += 1;
    } else if (is !== undefined) {
      changes.push(added(is));
      j += 1;
    }
  }
  return changes;
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
