/** Something of the operator's that is there already. */
export interface Existing {
  readonly kind: 'script' | 'skill' | 'plugin';
  readonly name: string;
  /** Everything that says what it is about: description, triggers, tool names. */
  readonly text: string;
}

export interface Match {
  readonly kind: Existing['kind'];
  readonly name: string;
  /** 0 to 1: how much of what the need is about the thing is about, too. */
  readonly score: number;
}

/** From this score on, what is there should be extended rather than doubled. */
const WORTH_A_LOOK = 0.5;
const MAX_MATCHES = 5;

const STOP_WORDS = new Set(
  'a an and the of in on at to for from by with so that this it its my our your i we is are be can do does each every day morning night week month at when how script skill plugin tool runs run send me'.split(
    ' ',
  ),
);

/** What is there already and seems to be about the same, best first. */
export function findMatches(need: string, existing: readonly Existing[]): readonly Match[] {
  const wanted = wordsOf(need);
  if (wanted.size === 0) return [];
  return existing
    .map(({ kind, name, text }) => ({ kind, name, score: overlap(wanted, wordsOf(`${name} ${text}`)) }))
    .filter(({ score }) => score >= WORTH_A_LOOK)
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_MATCHES);
}

function overlap(wanted: ReadonlySet<string>, there: ReadonlySet<string>): number {
  const shared = [...wanted].filter((word) => there.has(word)).length;
  return Math.round((shared / wanted.size) * 100) / 100;
}

/** The words that carry meaning, without the endings that make one word two. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return new Set(
    words
      .filter((word) => word.length > 1 && !STOP_WORDS.has(word) && !/^\d+$/.test(word))
      .map((word) => (word.length > 4 ? word.replace(/(ies|es|s|ing|ed)$/, '') : word)),
  );
}
