import type { Command, Positional } from '../command.ts';
import { type Completes, type Flag, flagName, text, toggle } from '../flags.ts';
import { type CommandEntry, type CommandGroup, isGroup } from '../table/entry.ts';
import { COMMAND_TABLE } from '../table.ts';

export interface Suggestion {
  readonly value: string;
  readonly description: string;
}

export interface Suggestions {
  readonly words: readonly Suggestion[];
  /** What else the shell may offer in this place. */
  readonly also?: 'files' | 'folders';
}

export interface SuggestOptions {
  /** Words before the cursor, without the program's own name. */
  readonly before: readonly string[];
  /** The word at the cursor as far as it is typed. */
  readonly partial: string;
  /** Ids from the state files of the project in the working directory, names of personal scripts. */
  records(kind: 'task' | 'issue' | 'script'): Promise<readonly Suggestion[]>;
}

const NOTHING: Suggestions = { words: [] };

/** The flags that every command takes. */
const GLOBAL_FLAGS: readonly (readonly [string, Flag<unknown>])[] = [
  ['--root', text('the project to work in', { completes: 'folder' })],
  ['--json', toggle('print exactly one JSON document')],
  ['--help', toggle('show this help')],
];

/** What fits at the cursor. Loads the module of the command that is already typed, and no other. */
export async function suggest({ before, partial, records }: SuggestOptions): Promise<Suggestions> {
  if (before.includes('--')) return NOTHING;
  const { options, names } = await readWords(before);
  const waiting = options.waiting;
  if (waiting !== undefined) return suggestValue(waiting, '', partial, records);

  const equals = partial.indexOf('=');
  if (partial.startsWith('--') && equals !== -1) {
    const name = partial.slice(0, equals);
    const flag = options.known.get(name);
    if (flag?.placeholder === undefined) return NOTHING;
    return suggestValue(flag, `${name}=`, partial.slice(equals + 1), records);
  }
  if (partial.startsWith('-')) {
    const flags = [...options.known].filter(([name, flag]) => flag.repeatable || !options.used.has(name));
    return matching(
      flags.map(([name, flag]) => ({ value: name, description: flag.description })),
      partial,
    );
  }
  const { names: fits, positional } = names;
  if (fits !== undefined) return matching(fits, partial);
  return positional === undefined ? NOTHING : suggestPositional(positional, partial, records);
}

interface ReadWords {
  readonly options: {
    readonly known: ReadonlyMap<string, Flag<unknown>>;
    readonly used: ReadonlySet<string>;
    /** The flag whose value comes next. */
    readonly waiting: Flag<unknown> | undefined;
  };
  readonly names: {
    /** Commands or verbs that may come next; undefined behind a whole command. */
    readonly names: readonly Suggestion[] | undefined;
    readonly positional: Positional | undefined;
  };
}

async function readWords(before: readonly string[]): Promise<ReadWords> {
  let known = new Map(GLOBAL_FLAGS);
  const used = new Set<string>();
  let waiting: Flag<unknown> | undefined;
  let level: readonly (CommandEntry | CommandGroup)[] = topLevel();
  let command: Command | undefined;
  let positionals = 0;
  for (const word of before) {
    if (waiting !== undefined) {
      waiting = undefined;
    } else if (word.startsWith('-')) {
      const [name = ''] = word.split('=', 1);
      used.add(name);
      const flag = known.get(name);
      if (flag?.placeholder !== undefined && !word.includes('=')) waiting = flag;
    } else if (command === undefined) {
      const entry = level.find(({ name }) => name === word);
      if (entry === undefined)
        return { options: { known, used, waiting }, names: { names: [], positional: undefined } };
      if (isGroup(entry)) {
        level = entry.verbs;
        known = new Map([...GLOBAL_FLAGS, ...flagsOf((await entry.alone?.())?.default)]);
      } else {
        command = (await entry.load()).default;
        known = new Map([...GLOBAL_FLAGS, ...flagsOf(command)]);
      }
    } else {
      positionals += 1;
    }
  }
  const positional =
    command?.positionals[positionals] ?? command?.positionals.findLast(({ variadic }) => variadic === true);
  const names =
    command === undefined
      ? level.map(({ name, summary }) => ({ value: name, description: summary }))
      : undefined;
  return { options: { known, used, waiting }, names: { names, positional } };
}

function flagsOf(command: Command | undefined): [string, Flag<unknown>][] {
  return Object.entries(command?.flags ?? {}).flatMap(([key, flag]): [string, Flag<unknown>][] => {
    const name = flagName(key);
    if (flag.negated === undefined) return [[name, flag]];
    return [
      [name, flag],
      [`--no-${name.slice(2)}`, toggle(flag.negated)],
    ];
  });
}

function topLevel(): (CommandEntry | CommandGroup)[] {
  return COMMAND_TABLE.flatMap(({ entries }) => entries).filter(
    (entry) => isGroup(entry) || entry.hidden !== true,
  );
}

async function suggestValue(
  flag: Flag<unknown>,
  prefix: string,
  partial: string,
  records: SuggestOptions['records'],
): Promise<Suggestions> {
  const kind = flag.completes;
  if (kind === 'task' || kind === 'issue') {
    const found = await records(kind);
    return matching(
      found.map(({ value, description }) => ({ value: prefix + value, description })),
      prefix + partial,
    );
  }
  if (flag.choices !== undefined) {
    return matching(
      flag.choices.map((value) => ({ value: prefix + value, description: flag.description })),
      prefix + partial,
    );
  }
  return fromDisk(kind);
}

async function suggestPositional(
  positional: Positional,
  partial: string,
  records: SuggestOptions['records'],
): Promise<Suggestions> {
  if (positional.completes === 'script')
    return partial.includes('/') ? fromDisk('file') : matching(await records('script'), partial);
  if (positional.choices === undefined) return fromDisk(positional.completes);
  return matching(
    positional.choices.map((value) => ({ value, description: positional.description })),
    partial,
  );
}

function fromDisk(kind: Completes | undefined): Suggestions {
  if (kind === 'file') return { words: [], also: 'files' };
  return kind === 'folder' ? { words: [], also: 'folders' } : NOTHING;
}

function matching(words: readonly Suggestion[], partial: string): Suggestions {
  return { words: words.filter(({ value }) => value.startsWith(partial)) };
}
