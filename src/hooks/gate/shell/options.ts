import { mayBeOption } from '../marks.ts';

/** Options that a check looks for. Long names may be cut short, as GNU programs accept them. */
export interface OptionNames {
  /** Single letters. */
  readonly short?: string;
  /** Letters that take the rest of their word, or the next word, as a value. */
  readonly valued?: string;
  readonly long?: readonly string[];
  /** Long options that take the next word as a value. */
  readonly longValued?: readonly string[];
}

export interface FoundOption {
  readonly name: string;
  readonly value: string | undefined;
}

export interface ReadOptions {
  readonly options: readonly FoundOption[];
  readonly operands: readonly string[];
  /** Some word may turn out to be an option. */
  readonly isOpen: boolean;
}

/** Splits arguments as getopt does, with options anywhere before `--`. */
export function readOptions(args: readonly string[], names: OptionNames): ReadOptions {
  const options: FoundOption[] = [];
  const operands: string[] = [];
  let isOpen = false;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--') {
      operands.push(...args.slice(index + 1));
      break;
    }
    if (mayBeOption(word)) isOpen = true;
    if (!word.startsWith('-') || word === '-') operands.push(word);
    else if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
      const takesNext = equals === -1 && (names.longValued ?? []).some((each) => each === name);
      options.push({
        name,
        value: equals !== -1 ? word.slice(equals + 1) : takesNext ? args[index + 1] : undefined,
      });
      if (takesNext) index += 1;
    } else {
      for (let at = 1; at < word.length; at += 1) {
        const letter = word[at] ?? '';
        if (!(names.valued ?? '').includes(letter)) {
          options.push({ name: letter, value: undefined });
          continue;
        }
        const rest = word.slice(at + 1);
        options.push({ name: letter, value: rest === '' ? args[index + 1] : rest });
        if (rest === '') index += 1;
        break;
      }
    }
  }
  return { options, operands, isOpen };
}

/** The first of the options that the names ask for. */
export function findOption(read: ReadOptions, names: OptionNames): FoundOption | undefined {
  return read.options.find((option) =>
    option.name.length === 1 && (names.short ?? '').includes(option.name)
      ? true
      : (names.long ?? []).some(
          (long) => option.name !== '' && option.name.length > 1 && isShortened(option.name, long),
        ),
  );
}

function isShortened(given: string, long: string): boolean {
  return given === long || (given.length >= 2 && long.startsWith(given));
}

/** Skips a wrapper's options: the index of the first word that is the wrapped command. */
export function skipOptions(
  args: readonly string[],
  names: { readonly valued?: string; readonly longValued?: readonly string[] },
): number {
  let index = 0;
  while (index < args.length) {
    const word = args[index] ?? '';
    if (word === '--') return index + 1;
    if (!word.startsWith('-') || word === '-') return index;
    if (word.startsWith('--')) {
      const takesNext = !word.includes('=') && (names.longValued ?? []).includes(word.slice(2));
      index += takesNext ? 2 : 1;
      continue;
    }
    const at = [...word.slice(1)].findIndex((letter) => (names.valued ?? '').includes(letter));
    index += at !== -1 && at === word.length - 2 ? 2 : 1;
  }
  return index;
}
