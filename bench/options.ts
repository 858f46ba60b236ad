import { parseArgs } from 'node:util';

import { CONTENDER_NAMES, type ContenderName } from './contenders.ts';

export interface Options {
  /** Fewer rounds: under a minute, good for a first look, not for a decision. */
  readonly quick: boolean;
  /** End with 1 when a row is over its budget. */
  readonly check: boolean;
  readonly jsonFile: string | undefined;
  readonly contenders: readonly ContenderName[];
  /** Names of the subjects to run; empty for all. */
  readonly subjects: readonly string[];
}

export const USAGE = `usage: npm run bench -- [NAME…] [--quick] [--check] [--json FILE] [--only NAME,…] [--contenders NAME,…]

  --quick        fewer rounds, under a minute
  --check        exit 1 when a row is over its budget
  --json FILE    also write every figure to FILE
  NAME, --only   subjects to run: start, hook, footprint, calls, history, writers, crash, damage, packs, runs, skills
  --contenders   who to measure: nexo, reference, floor
`;

/** The command line could not be understood; the message says why. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export function readOptions(args: readonly string[], subjectNames: readonly string[]): Options | 'help' {
  const { values, positionals } = parse(args);
  const named = [...positionals, ...(values.only === undefined ? [] : [values.only])];
  if (values.help === true) return 'help';
  return {
    quick: values.quick === true,
    check: values.check === true,
    jsonFile: values.json,
    contenders: listOf('--contenders', values.contenders, CONTENDER_NAMES) ?? CONTENDER_NAMES,
    subjects: listOf('--only', named.length === 0 ? undefined : named.join(','), subjectNames) ?? [],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        check: { type: 'boolean' },
        json: { type: 'string' },
        only: { type: 'string' },
        contenders: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function listOf<T extends string>(
  flag: string,
  text: string | undefined,
  known: readonly T[],
): readonly T[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((name) => {
    const found = known.find((candidate) => candidate === name.trim());
    if (found === undefined) throw new UsageError(`${flag}: "${name}" is none of ${known.join(', ')}`);
    return found;
  });
}
