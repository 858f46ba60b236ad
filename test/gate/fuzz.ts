import { decideToolCall } from '../../src/hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../src/hooks/gate/disk-world.ts';
import { createCall, createYard } from './corpus.ts';
import { createRandom, wrappedRead, wrappedWrite } from './grammar.ts';

export interface FuzzResult {
  readonly cases: number;
  /** Writes that were let through: must be none. */
  readonly missed: readonly string[];
  /** Reads that were refused. */
  readonly overBlocked: readonly string[];
  readonly slowestMs: number;
  readonly slowest: string;
}

/** Puts known writes, and as a counter-test known reads, into random structure and asks the gate. */
export async function fuzzGate(cases: number, seed: number): Promise<FuzzResult> {
  const yard = createYard();
  try {
    const random = createRandom(seed);
    const missed: string[] = [];
    const overBlocked: string[] = [];
    let slowestMs = 0;
    let slowest = '';
    for (let index = 0; index < cases; index += 1) {
      const isWrite = index % 4 !== 3;
      const command = isWrite ? wrappedWrite(random) : wrappedRead(random);
      const started = performance.now();
      const { decision } = await decideToolCall(
        createCall(yard, 'claude', ['no_file_edit'], 'Bash', { command }),
        diskWorld,
      );
      const elapsed = performance.now() - started;
      if (elapsed > slowestMs) {
        slowestMs = elapsed;
        slowest = command;
      }
      if (isWrite && decision === 'allow') missed.push(command);
      if (!isWrite && decision === 'deny') overBlocked.push(command);
    }
    return { cases, missed, overBlocked, slowestMs, slowest };
  } finally {
    yard.dispose();
  }
}
