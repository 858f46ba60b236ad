import type { ParsedScript, Word, WordPart } from 'unbash';

import { ANY_CHARACTER, ENVIRONMENT, hasMark, LISTED, STAR, TEXT, WILD } from '../marks.ts';
import type { Scope } from './scope.ts';

/** More possible values of one word than this count as unknown. */
const MAX_VALUES = 24;
/** A longer value of a variable counts as unknown. */
const MAX_LENGTH = 4_096;

export interface ValueContext {
  readonly scope: Scope;
  readonly home: string;
  readonly cwd: string;
  /** Whether a substitution only lists names, so that its output is no option and no outside path. */
  isListing(script: ParsedScript): boolean;
  /** Variables fed by a listing (`git ls-files | while read f`). */
  readonly listedVariables: ReadonlySet<string>;
  /** Parts that may still be looked at; what comes after is unknown. */
  readonly budget: { left: number };
}

/** The words that a word of the script may become: braces expanded, variables put in where the script sets them. */
export function valuesOf(word: Word, context: ValueContext, depth = 0): readonly string[] {
  if (word.parts === undefined) return [word.value];
  let values: string[] = [''];
  for (const part of word.parts) {
    context.budget.left -= 1;
    if (context.budget.left < 0) return [WILD];
    const isBare = part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion';
    const next = partValues(part, context, depth).flatMap((value) => {
      if (!isBare || !/\s/.test(value)) return [value];
      // An unquoted value falls apart at blanks.
      return word.parts?.length === 1 ? value.trim().split(/\s+/) : [WILD];
    });
    if (values.length * next.length > MAX_VALUES) return [WILD];
    values = values.flatMap((left) => next.map((right) => left + right));
    if (values.some((value) => value.length > MAX_LENGTH && depth > 0)) return [WILD];
  }
  return values;
}

function partValues(part: WordPart, context: ValueContext, depth: number): readonly string[] {
  switch (part.type) {
    case 'Literal':
      return [part.value];
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [part.value];
    case 'DoubleQuoted':
    case 'LocaleString':
      return combine(part.parts.map((each) => quoted(partValues(each, context, depth))));
    case 'Glob':
      return [part.kind === 'star' ? STAR : ANY_CHARACTER];
    case 'ExtendedGlob':
      return [STAR];
    case 'SimpleExpansion':
      return variable(part.text.slice(1), part.pos, context, depth);
    case 'ParameterExpansion': {
      if (part.operation === undefined && part.prefix === undefined && part.index === undefined) {
        return variable(part.parameter, part.pos, context, depth);
      }
      if (part.prefix === '#') return [LISTED];
      if (part.operation?.type === 'Default' && part.prefix === undefined) {
        const own = variable(part.parameter, part.pos, context, depth);
        if (depth > 6) return [WILD];
        return limit([...own, ...valuesOf(part.operation.operand, context, depth + 1)]);
      }
      if (part.operation?.type === 'Remove' && part.prefix === undefined && part.index === undefined) {
        // A part of a listed name is still no option when it is the tail of a path.
        const own = variable(part.parameter, part.pos, context, depth);
        return own.every((value) => value === LISTED) ? [LISTED] : [WILD];
      }
      return [WILD];
    }
    case 'CommandExpansion':
      return part.script !== undefined && context.isListing(part.script) ? [LISTED] : [WILD];
    case 'ArithmeticExpansion':
      return [LISTED];
    case 'ProcessSubstitution':
      return ['/dev/fd/63'];
    case 'BraceExpansion':
      return expandBraces(part.text);
  }
}

function variable(name: string, pos: number, context: ValueContext, depth: number): readonly string[] {
  const { scope } = context;
  if (scope.isWild || depth > 6) return [WILD];
  if (/^[?#$!-]$/.test(name)) return [LISTED];
  if (/^[0-9@*]+$/.test(name)) return [WILD];
  if (
    /^(?:RANDOM|SECONDS|LINENO|UID|EUID|PPID|BASHPID|EPOCHSECONDS|COLUMNS|LINES|SHLVL|HOSTNAME|BASH_VERSION|OSTYPE|HOSTTYPE|PIPESTATUS)$/.test(
      name,
    )
  ) {
    return [LISTED];
  }
  const settings = scope.settings.get(name);
  if (settings === undefined) {
    if (name === 'HOME') return [context.home];
    if (name === 'PWD') return [context.cwd];
    return [ENVIRONMENT];
  }
  if (settings.length > MAX_VALUES) return [WILD];
  const values: string[] = settings.some((setting) => setting.pos < pos) ? [] : [ENVIRONMENT];
  for (const setting of settings) {
    if (setting.word !== undefined) values.push(...valuesOf(setting.word, context, depth + 1));
    else values.push(context.listedVariables.has(name) ? LISTED : WILD);
  }
  const unique = limit([...new Set(values)]);
  // Unquoted values fall apart at blanks; with another separator, anywhere.
  return unique.flatMap((value) => {
    if (scope.setsSeparator && !hasMark(value) && /[^\w./-]/.test(value)) return [WILD];
    return [value];
  });
}

/** Inside double quotes nothing falls apart and no pattern is a pattern. */
function quoted(values: readonly string[]): readonly string[] {
  return values.map((value) => value.replaceAll(WILD, TEXT));
}

function combine(lists: readonly (readonly string[])[]): readonly string[] {
  let values: string[] = [''];
  for (const list of lists) {
    if (values.length * list.length > MAX_VALUES) return [TEXT];
    values = values.flatMap((left) => list.map((right) => left + right));
  }
  return values;
}

function limit(values: readonly string[]): readonly string[] {
  return values.length > MAX_VALUES ? [WILD] : values;
}

/** `{a,b}` and `{1..9}`, without anything inside that is more than letters; else unknown. */
function expandBraces(text: string): readonly string[] {
  const inner = text.slice(1, -1);
  if (/^-?\w+\.\.-?\w+(?:\.\.-?\d+)?$/.test(inner)) return [LISTED];
  if (/[{}"'$`\\*?[\]]/.test(inner)) return [WILD];
  return limit(inner.split(','));
}
