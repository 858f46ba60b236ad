import { scanMacros } from './macros/scan.ts';

/** What two languages of one body have in common, whatever the words. */
export interface Outline {
  /** Levels of the headings, in order. */
  readonly headings: readonly number[];
  /** Each macro with the values that name something: roles, skills, modes, states. */
  readonly macros: readonly string[];
  /** Number of fenced blocks. */
  readonly blocks: number;
  /** Words in capitals and code that a reader or a program matches on, sorted. */
  readonly marks: readonly string[];
}

const NAMING = ['skill', 'mode', 'target_role', 'resume_tier_hint', 'state'] as const;

export function outlineOf(text: string): Outline {
  const headings: number[] = [];
  let blocks = 0;
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      if (fence === undefined) blocks += 1;
      fence = fence === undefined ? mark : undefined;
    } else if (fence === undefined) {
      const level = /^(#{1,6}) /.exec(line)?.[1]?.length;
      if (level !== undefined) headings.push(level);
    }
  }
  const { macros } = scanMacros(text);
  return {
    headings,
    blocks,
    macros: macros.map(({ primitive, params }) =>
      [
        primitive,
        ...NAMING.flatMap((name) => (params.has(name) ? [`${name}=${named(params.get(name))}`] : [])),
      ].join(' '),
    ),
    marks: [...new Set(text.match(/\b[A-Z]{2,}(?:_[A-Z]+)*\b/g) ?? [])].sort(),
  };
}

/** A placeholder is words, and words are translated. */
function named(value: unknown): string {
  const text = String(value);
  return /^<[^<>]+>$/.test(text) ? '<…>' : text;
}

/** What the translation lacks or has too much of; undefined when both say the same things in the same order. */
export function compareOutlines(original: Outline, translation: Outline): string | undefined {
  if (original.headings.join() !== translation.headings.join()) {
    return `has ${translation.headings.length} headings of the levels ${translation.headings.join(' ')}, the English one ${original.headings.length}: ${original.headings.join(' ')}`;
  }
  if (original.macros.join('\n') !== translation.macros.join('\n')) {
    return `has the macros ${list(translation.macros)}, the English one ${list(original.macros)}`;
  }
  if (original.blocks !== translation.blocks) {
    return `has ${translation.blocks} fenced blocks, the English one ${original.blocks}`;
  }
  const lost = original.marks.filter((mark) => !translation.marks.includes(mark));
  return lost.length === 0 ? undefined : `lacks ${lost.join(', ')}, which the English one has`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '(none)' : items.join('; ');
}
