import { NexoError } from '../errors.ts';
import { oneOf } from './render/words.ts';

/** What the shell hands over for one flag: a word, several, a switch, or nothing. */
export type RawFlag = string | readonly string[] | boolean | undefined;

/** What a word on the command line stands for, so that the shell can offer names of that kind. */
export type Completes = 'file' | 'folder' | 'task' | 'issue' | 'script';

/** One flag of a command: how it is shown, and how its words become a value. */
export interface Flag<T> {
  readonly description: string;
  /** Name of the value in the help, `<text>`; absent for a switch. */
  readonly placeholder?: string;
  /** The value may be left out. */
  readonly valueIsOptional?: true;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  readonly required: boolean;
  readonly repeatable: boolean;
  /** Help of the `--no-` form; present when there is one. */
  readonly negated?: string;
  /** Throws USAGE when the words do not make a value. `name` is the flag as typed, `--owner`. */
  read(raw: RawFlag, name: string): T;
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends FlagTable> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

interface TextOptions {
  readonly placeholder?: string;
  readonly completes?: Completes;
}

/** A flag that takes one word, given at most once. */
export function text(description: string, options: TextOptions = {}): Flag<string | undefined> {
  return { placeholder: 'text', ...options, description, required: false, repeatable: false, read: single };
}

/** A flag that takes at most one word: true when it stands alone, undefined when it is absent. */
export function optionalText(description: string, placeholder: string): Flag<string | true | undefined> {
  return {
    description,
    placeholder,
    valueIsOptional: true,
    required: false,
    repeatable: false,
    read: (raw, name) => (raw === true ? true : single(raw, name)),
  };
}

/** A flag that takes one whole number. */
export function wholeNumber(description: string, placeholder = 'number'): Flag<number | undefined> {
  return {
    description,
    placeholder,
    required: false,
    repeatable: false,
    read: (raw, name) => {
      const word = single(raw, name);
      return word === undefined ? undefined : parseWholeNumber(word, name);
    },
  };
}

/** A flag that takes one of a few words. */
export function choice<const C extends readonly string[]>(
  choices: C,
  description: string,
  placeholder = 'word',
): Flag<C[number] | undefined> {
  return {
    description: `${description}: ${oneOf(choices)}`,
    placeholder,
    choices,
    required: false,
    repeatable: false,
    read: (raw, name) => {
      const word = single(raw, name);
      if (word === undefined) return undefined;
      const found = choices.find((candidate) => candidate === word);
      if (found === undefined) {
        throw new NexoError('USAGE', `${name} takes ${oneOf(choices)}, not "${word}".`);
      }
      return found;
    },
  };
}

/** A flag that may be repeated, each time with one word. */
export function texts(description: string, placeholder = 'text'): Flag<readonly string[] | undefined> {
  return { description, placeholder, required: false, repeatable: true, read: (raw) => several(raw) };
}

/** A flag that may be repeated, each time with one whole number. */
export function wholeNumbers(description: string, placeholder = 'id'): Flag<readonly number[] | undefined> {
  return {
    description,
    placeholder,
    required: false,
    repeatable: true,
    read: (raw, name) => several(raw)?.map((word) => parseWholeNumber(word, name)),
  };
}

/** A flag that may be repeated, each time with `key=text`. */
export function pairs(
  description: string,
  placeholder: string,
): Flag<Readonly<Record<string, string>> | undefined> {
  return {
    description,
    placeholder,
    required: false,
    repeatable: true,
    read: (raw, name) => {
      const words = several(raw);
      return words === undefined ? undefined : Object.fromEntries(words.map((word) => parsePair(word, name)));
    },
  };
}

/** A switch: present or not. */
export function toggle(description: string): Flag<boolean> {
  return { description, required: false, repeatable: false, read: (raw) => raw === true };
}

/** A switch with a `--no-` form; undefined when neither is given. */
export function yesOrNo(description: string, negated: string): Flag<boolean | undefined> {
  return {
    description,
    negated,
    required: false,
    repeatable: false,
    read: (raw) => (typeof raw === 'boolean' ? raw : undefined),
  };
}

/** The same flag, which now has to be given. */
export function required<T>(flag: Flag<T>): Flag<Exclude<T, undefined>> {
  return {
    ...flag,
    required: true,
    read: (raw, name) => {
      const value = flag.read(raw, name);
      if (value === undefined) throw new NexoError('USAGE', `${name} is missing.`);
      // `undefined` has just been ruled out, which the compiler cannot follow for a type parameter.
      return value as Exclude<T, undefined>;
    },
  };
}

/** The same flag, which takes no empty text. */
export function nonEmpty<T extends string | readonly string[] | undefined>(flag: Flag<T>): Flag<T> {
  return {
    ...flag,
    read: (raw, name) => {
      const value = flag.read(raw, name);
      if (value === '' || (Array.isArray(value) && value.includes(''))) {
        throw new NexoError('USAGE', `${name} is empty.`, { hint: 'Give it some text.' });
      }
      return value;
    },
  };
}

/** The flag as it is typed: `ownerAgentId` is `--owner-agent-id`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function single(raw: RawFlag, name: string): string | undefined {
  if (raw === undefined || typeof raw === 'boolean') return undefined;
  if (typeof raw === 'string') return raw;
  if (raw.length > 1)
    throw new NexoError('USAGE', `${name} is given ${raw.length} times; it takes one value.`);
  return raw[0];
}

function several(raw: RawFlag): readonly string[] | undefined {
  if (raw === undefined || typeof raw === 'boolean') return undefined;
  return typeof raw === 'string' ? [raw] : raw;
}

function parseWholeNumber(word: string, name: string): number {
  const value = /^\d+$/.test(word) ? Number(word) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new NexoError('USAGE', `${name} takes a whole number, not "${word}".`);
  return value;
}

function parsePair(word: string, name: string): [string, string] {
  const at = word.indexOf('=');
  if (at < 1) throw new NexoError('USAGE', `${name} takes name=text, not "${word}".`);
  return [word.slice(0, at), word.slice(at + 1)];
}
