/** What a note is about, by the first word of its name. The memory policy of the catalog says the same. */
export const MEMORY_CATEGORIES = ['empirical', 'external', 'pattern'] as const;
export type MemoryCategory = (typeof MEMORY_CATEGORIES)[number];

/** File names of notes, by the memory policy. */
const NAME = /^[a-z0-9][a-z0-9-]*\.md$/;
const MIN_WORDS = 2;
const MAX_WORDS = 4;

export interface MemoryFinding {
  readonly rule: 'pattern' | 'words' | 'date' | 'version' | 'size' | 'similar';
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly message: string;
  readonly fix: string;
}

/** The parts of a note's file name: its category, if it has one, and the words of its topic. */
export function parseNoteName(file: string): {
  readonly category: MemoryCategory | undefined;
  readonly words: readonly string[];
} {
  const parts = file
    .replace(/\.md$/, '')
    .split('-')
    .filter((part) => part !== '');
  const category = MEMORY_CATEGORIES.find((each) => each === parts[0]);
  return { category, words: category === undefined ? parts : parts.slice(1) };
}

/** What is wrong with the file name of a note; nothing when it follows every rule. */
export function checkNoteName(file: string): MemoryFinding[] {
  if (!NAME.test(file)) {
    return [
      {
        rule: 'pattern',
        level: 'error',
        file,
        message: 'The name is not kebab case.',
        fix: 'Use lower-case letters, digits and dashes, and the ending .md: flaky-login-tests.md.',
      },
    ];
  }
  const { words } = parseNoteName(file);
  const findings: MemoryFinding[] = [];
  if (words.length < MIN_WORDS || words.length > MAX_WORDS) {
    findings.push({
      rule: 'words',
      level: 'warning',
      file,
      message: `The topic has ${words.length} ${words.length === 1 ? 'word' : 'words'}.`,
      fix: `Say it in two to four words, besides a prefix (${MEMORY_CATEGORIES.map((each) => `${each}-`).join(', ')}).`,
    });
  }
  const topic = words.join('-');
  const rule = holdsDate(topic) ? 'date' : holdsVersion(topic) ? 'version' : undefined;
  if (rule !== undefined) {
    findings.push({
      rule,
      level: 'error',
      file,
      message: `The name holds a ${rule}.`,
      fix: 'Name the topic only; a note is extended, so what it says about time and versions goes into its text.',
    });
  }
  return findings;
}

/** A year, alone or with more, or eight digits in a row: 2026, 2026-11-21, 20261121. */
function holdsDate(topic: string): boolean {
  return /(^|-)(19|20)\d\d(-|$|(0[1-9]|1[0-2])([0-2]\d|3[01])?(-|$))/.test(topic);
}

/** v2, v1-4, 1-2-3, version-2, release-9. A number behind a name (http2, node-24) is part of the topic. */
function holdsVersion(topic: string): boolean {
  return /(^|-)(v\d+|\d+-\d+|(version|release)-\d+)(-|$)/.test(topic);
}
