import type { Effect, ToolCall } from '../contract.ts';
import { isLoadingVariable } from './environment.ts';
import { isListingScript } from './listing.ts';
import type { Scope } from './scope.ts';
import type { ValueContext } from './values.ts';

/** Scripts inside scripts (`sh -c`, `eval`, wrappers) and commands in all, before the judge gives up. */
export const MAX_DEPTH = 24;
export const MAX_COMMANDS = 1_500;
/** Parts of words that are put together, over all words. */
const MAX_VALUES = 20_000;
const MAX_EFFECTS = 400;

export const TOO_INVOLVED: Effect = {
  kind: 'malformed',
  rule: 'too-involved',
  how: 'the command does too much to judge in time',
};

export interface Judge {
  readonly call: ToolCall;
  readonly effects: Effect[];
  commands: number;
  readonly values: { left: number };
  depth: number;
}

/** State of one script text while it is walked. */
export interface Frame {
  readonly judge: Judge;
  readonly scope: Scope;
  readonly source: string;
  readonly listed: Set<string>;
  inFunction: boolean;
  /** Functions that are defined for sure where the walk is. */
  readonly visible: Set<string>;
  from: readonly string[] | undefined;
}

export const EMPTY_SCOPE: Scope = {
  settings: new Map(),
  functions: new Map(),
  isWild: false,
  setsSeparator: false,
};

export function createJudge(call: ToolCall, effects: Effect[]): Judge {
  return { call, effects, commands: 0, depth: 0, values: { left: MAX_VALUES } };
}

export function createFrame(
  judge: Judge,
  source: string,
  from: readonly string[] | undefined,
  scope: Scope,
): Frame {
  return { judge, scope, source, from, listed: new Set(), inFunction: false, visible: new Set() };
}

export function isSpent(judge: Judge): boolean {
  if (judge.effects.length < MAX_EFFECTS) return false;
  if (judge.effects.length === MAX_EFFECTS) judge.effects.push(TOO_INVOLVED);
  return true;
}

export function unknown(judge: Judge, rule: string, how: string, text: string): void {
  if (!isSpent(judge)) judge.effects.push({ kind: 'unknown', rule, how, text });
}

export function contextOf(frame: Frame): ValueContext {
  return {
    scope: frame.scope,
    home: frame.judge.call.home,
    cwd: frame.from?.[0] ?? frame.judge.call.cwd,
    isListing: isListingScript,
    listedVariables: frame.listed,
    budget: frame.judge.values,
  };
}

export function judgeVariable(frame: Frame, name: string, value: string, command: string | undefined): void {
  if (name === 'IFS') return;
  // On its own, without a command, only what the shell itself or later commands take from their environment counts.
  if (command === undefined && (name === 'HOME' || name === 'TMPDIR')) return;
  if (
    command === undefined &&
    !/^(?:PATH|ENV|PS[0-4]|PROMPT_COMMAND|NEXO_AGENT|(?:BASH|LD|DYLD|GIT|NODE|PYTHON|PERL|RUBY)_?\w*|EDITOR|PAGER|VISUAL|SHELL)$/.test(
      name,
    )
  )
    return;
  if (isLoadingVariable(name, value)) {
    unknown(
      frame.judge,
      'environment',
      `setting ${name} can make programs load code or start others`,
      `${name}=${value}`,
    );
  }
}
