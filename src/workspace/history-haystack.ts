/** A cycle ready to be searched: its JSON text, and the same in lower case. */
export interface SearchEntry {
  readonly text: string;
  readonly lower: string;
}

/** The texts of a list of entries as one, a line each: one long search costs a third of ten thousand short ones. */
interface Haystack {
  readonly text: string;
  /** Where each entry's line ends, its line break included. */
  readonly ends: readonly number[];
  /** How often each character stands in a sample of the text. */
  readonly frequency: ReadonlyMap<string, number>;
}

const haystacks = new WeakMap<readonly SearchEntry[], Haystack>();

/** The entries whose text holds `wanted`, in lower case. JSON text has no line break, so no match reaches over two. */
export function findMatches(entries: readonly SearchEntry[], wanted: string): SearchEntry[] {
  if (wanted.includes('\n')) return [];
  const haystack = haystackOf(entries);
  const { text, ends } = haystack;
  const { part, offset } = searchedPart(wanted, haystack);
  const matches: SearchEntry[] = [];
  let index = 0;
  let at = text.indexOf(part);
  while (at !== -1) {
    const start = at - offset;
    if (start < 0 || !text.startsWith(wanted, start)) {
      at = text.indexOf(part, at + 1);
      continue;
    }
    while ((ends[index] ?? text.length) <= start) index += 1;
    const entry = entries[index];
    if (entry === undefined) break;
    matches.push(entry);
    // One match an entry is enough.
    at = text.indexOf(part, (ends[index] ?? text.length) + offset);
  }
  return matches;
}

/** Longest text that the engine looks for by its first character alone, with the processor's own instruction. */
const MAX_PART = 6;
/** So much of a query at least is looked for: comparing the rest costs more than finding the place. */
const MIN_PART = 3;

/**
 * The part of a query that is looked for, and where it stands in it. Long texts are found in steps that the engine
 * computes, at ten times the price of finding a character; so a short part is looked for that begins with the rarest.
 */
function searchedPart(wanted: string, { frequency }: Haystack): { part: string; offset: number } {
  let offset = 0;
  for (let each = 1; each <= wanted.length - MIN_PART; each += 1) {
    if (countOf(wanted, each, frequency) < countOf(wanted, offset, frequency)) offset = each;
  }
  return { part: wanted.slice(offset, offset + MAX_PART), offset };
}

function countOf(wanted: string, at: number, frequency: Haystack['frequency']): number {
  return frequency.get(wanted[at] ?? '') ?? 0;
}

/** How many characters of the text tell how often each is used. */
const SAMPLE = 20_000;

function haystackOf(entries: readonly SearchEntry[]): Haystack {
  const known = haystacks.get(entries);
  if (known !== undefined) return known;
  let end = 0;
  const ends = entries.map(({ lower }) => {
    end += lower.length + 1;
    return end;
  });
  const text = entries.map(({ lower }) => `${lower}\n`).join('');
  const frequency = new Map<string, number>();
  // The newest cycles: they are the likeliest to be written in the words of today.
  for (const character of text.slice(-SAMPLE).split('')) {
    frequency.set(character, (frequency.get(character) ?? 0) + 1);
  }
  const haystack = { text, ends, frequency };
  haystacks.set(entries, haystack);
  return haystack;
}
