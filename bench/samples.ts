import type { Contender, ContenderName } from './contenders.ts';

/** What was read of one contender in one row. */
export type Reading =
  | {
      readonly kind: 'samples';
      readonly median: number;
      readonly min: number;
      readonly max: number;
      readonly count: number;
      /** Stands beside the figure in the table. */
      readonly note?: string;
      /** Told below the table: why something was refused, say. */
      readonly detail?: string;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export type Readings = Partial<Record<ContenderName, Reading>>;

export function summarise(
  values: readonly number[],
  remarks: { readonly note?: string; readonly detail?: string } = {},
): Reading {
  const sorted = [...values].sort((a, b) => a - b);
  const [first] = sorted;
  const last = sorted.at(-1);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (first === undefined || last === undefined || upper === undefined || lower === undefined) {
    return { kind: 'failed', reason: 'nothing was measured' };
  }
  return {
    kind: 'samples',
    median: (lower + upper) / 2,
    min: first,
    max: last,
    count: sorted.length,
    ...remarks,
  };
}

export function failure(error: unknown): Reading {
  return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
}

export interface Rounds {
  readonly warmups: number;
  readonly rounds: number;
  /** On a machine that is busy otherwise, fewer rounds have to do. In milliseconds; no limit when left out. */
  readonly longestMs?: number;
}

/** What a median needs at the least, however long it takes. */
const FEWEST_ROUNDS = 3;

/**
 * Measures all contenders in turns (A B C, B C A, …), so that whatever else the machine does in the meantime falls
 * on each of them alike. One that fails is out; the others go on.
 */
export async function interleave(
  contenders: readonly Contender[],
  { warmups, rounds, longestMs = Number.POSITIVE_INFINITY }: Rounds,
  measure: (contender: Contender, round: number) => Promise<number>,
): Promise<Readings> {
  const values = new Map(contenders.map((contender) => [contender.name, [] as number[]]));
  const readings: Readings = {};
  const startedAt = performance.now();
  for (let round = -warmups; round < rounds; round += 1) {
    if (round >= FEWEST_ROUNDS && performance.now() - startedAt > longestMs) break;
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(turn + round + warmups) % contenders.length];
      if (contender === undefined || readings[contender.name] !== undefined) continue;
      try {
        const value = await measure(contender, round);
        if (round >= 0) values.get(contender.name)?.push(value);
      } catch (error) {
        readings[contender.name] = failure(error);
      }
    }
  }
  for (const [name, measured] of values) readings[name] ??= summarise(measured);
  return readings;
}

/** Reads each contender once, one after the other; for what has no duration or sets the machine under load itself. */
export async function each(
  contenders: readonly Contender[],
  read: (contender: Contender) => Promise<Reading>,
): Promise<Readings> {
  const readings: Readings = {};
  for (const contender of contenders) {
    try {
      readings[contender.name] = await read(contender);
    } catch (error) {
      readings[contender.name] = failure(error);
    }
  }
  return readings;
}
