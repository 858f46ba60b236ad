import type { MemoryNote } from './memory.ts';
import { type MemoryCategory, parseNoteName } from './memory-names.ts';

/** A note that may already be about a topic, and why we think so. */
export interface SimilarNote {
  readonly name: string;
  readonly path: string;
  readonly category: MemoryCategory | null;
  readonly headline: string;
  /** From 0 to 1. */
  readonly score: number;
  readonly advice: 'extend' | 'look';
  /** Words of the topic, and where the note has each. */
  readonly matches: readonly { readonly word: string; readonly found: string; readonly in: Place }[];
}

export interface Topic {
  readonly words: readonly string[];
  readonly category: MemoryCategory | undefined;
}

type Place = 'name' | 'tags' | 'headline';

/** What a word counts for, by where the note has it: a name is chosen with care, a headline is a sentence. */
const WEIGHTS: Readonly<Record<Place, number>> = { name: 1, tags: 0.8, headline: 0.6 };
/** From this score on a note of the same category is on the same topic. */
const SAME_TOPIC = 0.6;
/** Below this score a note is not worth a look. */
const RELATED = 0.3;

/** Letters that two words share at least, to be the same but for their endings. */
const MIN_STEM = 4;
const ENDINGS = new Set(['', 's', 'es', 'ed', 'e', 'er', 'ing', 'y', 'ies', 'ied', 'iness']);

const STOP_WORDS = new Set(
  'a about all an and are as at be by for from how in into is it its not of on or our that the this to use using we when which why with'.split(
    ' ',
  ),
);

/** A topic as a person types it, or as a file name has it: `pattern-retry-backoff.md`, `retrying with backoff`. */
export function parseTopic(text: string, category?: MemoryCategory): Topic {
  const name = text.split(/[\\/]/).at(-1)?.replace(/\.md$/, '') ?? '';
  const prefix = parseNoteName(name).category;
  const rest = prefix === undefined ? text.replace(/\.md$/, '') : name.slice(prefix.length + 1);
  return { words: wordsOf(rest), category: category ?? prefix };
}

/**
 * Notes on the same or a related topic, best first. Compares words only, so the same notes always give the same answer.
 * `extend` means: same topic and no other category, so the note grows instead of a new one being made.
 */
export function findSimilarNotes(notes: readonly MemoryNote[], topic: Topic): SimilarNote[] {
  return notes
    .flatMap((note): SimilarNote[] => {
      const { name, path, category, headline, tags } = note;
      const nameWords = wordsOf(parseNoteName(name).words.join(' '));
      const matches = matchWords(topic.words, {
        name: nameWords,
        tags: wordsOf(tags.join(' ')),
        headline: wordsOf(headline),
      });
      const score = scoreOf(matches, topic.words, nameWords);
      if (score < RELATED) return [];
      const isSameCategory = topic.category === undefined || category === null || category === topic.category;
      const advice = isSameCategory && score >= SAME_TOPIC ? 'extend' : 'look';
      return [{ name, path, category, headline, score, advice, matches }];
    })
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
}

/** Pairs of notes that say they are about the same: each is to be merged into one. */
export function findMergeablePairs(notes: readonly MemoryNote[]): { note: MemoryNote; into: SimilarNote }[] {
  return notes.flatMap((note, at) =>
    findSimilarNotes(notes.slice(at + 1), parseTopic(note.name))
      .filter(({ advice, category }) => advice === 'extend' && category === note.category)
      .map((into) => ({ note, into })),
  );
}

function matchWords(
  topic: readonly string[],
  places: Readonly<Record<Place, readonly string[]>>,
): SimilarNote['matches'][number][] {
  const order: readonly Place[] = ['name', 'tags', 'headline'];
  return topic.flatMap((word) => {
    for (const place of order) {
      const found = places[place].find((each) => isSameWord(word, each));
      if (found !== undefined) return [{ word, found, in: place }];
    }
    return [];
  });
}

/** How much of the topic the note has, averaged with how much of the note's name is in the topic where that is more. */
function scoreOf(
  matches: SimilarNote['matches'],
  topic: readonly string[],
  nameWords: readonly string[],
): number {
  if (topic.length === 0) return 0;
  const weight = matches.reduce((sum, match) => sum + WEIGHTS[match.in], 0);
  const ofTopic = weight / topic.length;
  const named = new Set(matches.filter((match) => match.in === 'name').map(({ found }) => found)).size;
  const ofName = nameWords.length === 0 ? 0 : named / nameWords.length;
  return Math.round(Math.max(ofTopic, (ofTopic + ofName) / 2) * 100) / 100;
}

/** Equal but for an English ending (retry, retries; test, testing), or for a particle after a Korean noun. */
function isSameWord(a: string, b: string): boolean {
  if (a === b) return true;
  let stem = 0;
  while (stem < a.length && a[stem] === b[stem]) stem += 1;
  const endings = [a.slice(stem), b.slice(stem)];
  if (/^\p{Script=Hangul}/u.test(a))
    return stem >= 2 && endings.includes('') && endings.every((end) => end.length <= 3);
  return stem >= MIN_STEM && endings.every((end) => ENDINGS.has(end));
}

function wordsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words)].filter((word) => !STOP_WORDS.has(word));
}
