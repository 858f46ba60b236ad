import type { DatabaseSync } from 'node:sqlite';

import type { SkillDefinition, SkillLevel } from './definition.ts';
import type { StoredSkill } from './store.ts';

/** How a skill was found: by one of its trigger phrases, by a tag, or by words in its text. */
export interface SkillMatch {
  readonly skill: SkillDefinition;
  readonly stored: StoredSkill;
  readonly how: string;
  /** 0 to 1: how surely it is meant. An exact trigger is 1; words in the text alone stay below 0.6. */
  readonly score: number;
}

export interface KnownSkill {
  readonly skill: SkillDefinition;
  readonly stored: StoredSkill;
}

export interface MatchOptions {
  readonly level?: SkillLevel;
  readonly limit?: number;
}

const MATCHED_LEVELS: ReadonlySet<SkillLevel> = new Set(['draft', 'published', 'stable']);
const SOURCE_RANK = { personal: 3, persona: 2, core: 1, community: 0 } as const;
const LEVEL_RANK = { stable: 3, published: 2, draft: 1, trace: 0, archived: 0 } as const;
/** Words that hardly tell one skill from another. */
const STOP_WORDS = new Set(
  'a an and are as at be by can do does for from get give has have how i in is it its me my of on or our please should so that the their them then this to us was we what when where which who why will with you your'.split(
    ' ',
  ),
);
const MAX_TASK_LENGTH = 4000;

/**
 * The skills that a task in words calls for, best first: a trigger phrase beats a tag, which beats words in the text.
 * Among equals a personal skill comes first, then the level, then trust.
 */
export function matchSkills(
  database: DatabaseSync,
  known: ReadonlyMap<string, KnownSkill>,
  task: string,
  { level, limit = 3 }: MatchOptions = {},
): readonly SkillMatch[] {
  const wanted = normalised(task.slice(0, MAX_TASK_LENGTH));
  if (wanted === '') return [];
  const words = new Set(wanted.split(' '));
  const found = new Map<string, SkillMatch>();
  for (const { skill, stored } of sharingWords(known, words)) {
    if (!isCandidate(stored.level, level)) continue;
    const match = byTrigger(skill, wanted, words) ?? byTag(skill, words);
    if (match !== undefined) found.set(skill.id, { skill, stored, ...match });
  }
  for (const { id, score } of byText(database, words, limit * 4)) {
    const entry = known.get(id);
    if (entry === undefined || found.has(id) || !isCandidate(entry.stored.level, level)) continue;
    found.set(id, { ...entry, how: 'text', score });
  }
  const all = [...found.values()].sort(compare);
  // A word that most skills have says nothing, unless it is all there is.
  const telling = all.filter(({ score }) => score > 0);
  return (telling.length > 0 ? telling : all).slice(0, limit);
}

/** By each telling word, the skills in whose phrases and tags it stands. */
type WordIndex = ReadonlyMap<string, readonly KnownSkill[]>;

/** Made once for each state of the skills: most have no word in common with a task, and need no look. */
const wordIndexes = new WeakMap<ReadonlyMap<string, KnownSkill>, WordIndex>();

function sharingWords(
  known: ReadonlyMap<string, KnownSkill>,
  words: ReadonlySet<string>,
): ReadonlySet<KnownSkill> {
  const index = wordIndexes.get(known) ?? indexWords(known);
  wordIndexes.set(known, index);
  return new Set([...words].flatMap((word) => index.get(word) ?? []));
}

function indexWords(known: ReadonlyMap<string, KnownSkill>): WordIndex {
  const index = new Map<string, KnownSkill[]>();
  for (const entry of known.values()) {
    const { skill } = entry;
    const phraseWords = phrasesOf(skill).flatMap(({ text, telling }) =>
      telling.length > 0 ? telling : text.split(' '),
    );
    for (const word of new Set([...phraseWords, ...skill.tags.map((tag) => tag.toLowerCase())])) {
      const there = index.get(word);
      if (there === undefined) index.set(word, [entry]);
      else there.push(entry);
    }
  }
  return index;
}

function isCandidate(level: SkillLevel, wanted: SkillLevel | undefined): boolean {
  return wanted === undefined ? MATCHED_LEVELS.has(level) : level === wanted;
}

/** A trigger phrase as it stands, else all its words in another order: “review this release” is a release review. */
function byTrigger(
  skill: SkillDefinition,
  task: string,
  words: ReadonlySet<string>,
): Pick<SkillMatch, 'how' | 'score'> | undefined {
  let best: Pick<SkillMatch, 'how' | 'score'> | undefined;
  for (const phrase of phrasesOf(skill)) {
    const score = phraseScore(phrase, task, words);
    if (score > (best?.score ?? 0)) best = { how: `trigger:${phrase.said}`, score };
  }
  return best;
}

/** A trigger as it was written, and what is compared of it. */
interface Phrase {
  readonly said: string;
  readonly text: string;
  readonly telling: readonly string[];
}

/** Made once for each reading of a skill: taking phrases apart costs more than comparing them. */
const phrases = new WeakMap<SkillDefinition, readonly Phrase[]>();

function phrasesOf(skill: SkillDefinition): readonly Phrase[] {
  const known = phrases.get(skill);
  if (known !== undefined) return known;
  const made = [...skill.triggers, skill.name].map((said): Phrase => {
    const text = normalised(said);
    return { said, text, telling: text.split(' ').filter((word) => !STOP_WORDS.has(word)) };
  });
  phrases.set(skill, made);
  return made;
}

function phraseScore({ text, telling }: Phrase, task: string, words: ReadonlySet<string>): number {
  if (text === '') return 0;
  if (text === task) return 1;
  if (telling.length > 1 && telling.every((word) => words.has(word))) {
    return ` ${task} `.includes(` ${text} `) ? 0.9 : 0.85;
  }
  if (` ${task} `.includes(` ${text} `)) return 0.9;
  // A task of one short word would otherwise be "inside" every long phrase.
  return task.length >= 4 && ` ${text} `.includes(` ${task} `) ? 0.8 : 0;
}

function byTag(
  { tags }: SkillDefinition,
  words: ReadonlySet<string>,
): Pick<SkillMatch, 'how' | 'score'> | undefined {
  const hit = tags.filter((tag) => words.has(tag.toLowerCase()));
  if (hit.length === 0) return undefined;
  return { how: `tags:${hit.join(',')}`, score: Math.min(0.75, 0.6 + 0.05 * hit.length) };
}

function byText(
  database: DatabaseSync,
  words: ReadonlySet<string>,
  limit: number,
): readonly { readonly id: string; readonly score: number }[] {
  const terms = [...words].filter((word) => word.length > 1 && !STOP_WORDS.has(word)).slice(0, 32);
  if (terms.length === 0) return [];
  const query = terms.map((term) => `"${term.replaceAll('"', '""')}"`).join(' OR ');
  // Weights by column: the unindexed id, name, description, tags, triggers, content.
  const rows = database
    .prepare(
      `SELECT id, bm25(skills_text, 0, 8, 5, 6, 8, 1) AS rank FROM skills_text WHERE skills_text MATCH ?
       ORDER BY rank LIMIT ?`,
    )
    .all(query, limit);
  return rows.map(({ id, rank }) => {
    const strength = -Number(rank);
    return { id: String(id), score: Math.round(((0.6 * strength) / (strength + 8)) * 100) / 100 };
  });
}

function compare(a: SkillMatch, b: SkillMatch): number {
  return (
    kindOf(b) - kindOf(a) ||
    SOURCE_RANK[b.skill.sourceKind] - SOURCE_RANK[a.skill.sourceKind] ||
    b.score - a.score ||
    LEVEL_RANK[b.stored.level] - LEVEL_RANK[a.stored.level] ||
    b.stored.trustScore - a.stored.trustScore ||
    (a.skill.id < b.skill.id ? -1 : 1)
  );
}

function kindOf({ how }: SkillMatch): number {
  return how.startsWith('trigger:') ? 2 : how.startsWith('tags:') ? 1 : 0;
}

/** Lower case, single spaces, no punctuation: so that a phrase is found however it is written. */
function normalised(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
