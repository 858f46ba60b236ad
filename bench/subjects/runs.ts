import { spawnSync } from 'node:child_process';

import { failure, type Reading, summarise } from '../samples.ts';
import type { Bench, Subject } from '../subject.ts';

const PROMPT = 'say hello';

/** What `nexo run` adds to the backend that it runs: the whole command, less the backend's own command beside it. */
export const runs: Subject = {
  name: 'runs',
  async *measure(bench) {
    const entry = bench.contenders.find(({ name }) => name === 'nexo')?.serve[0];
    const { rounds, warmups } = bench.rounds(25, 8);
    const bare: number[] = [];
    const added: number[] = [];
    let nexo: Reading | undefined;
    if (entry === undefined) return;
    for (let round = -warmups; round < rounds; round += 1) {
      try {
        const backend = spawnNode(bench, [
          entry,
          '__scripted',
          '--sessions',
          `${bench.scratch.home}/sessions`,
        ]);
        const words = ['--caller', 'personal/bench', '--backend', 'scripted', '--prompt', PROMPT];
        const run = spawnNode(bench, [entry, 'run', ...words]);
        if (round < 0) continue;
        bare.push(backend);
        added.push(run - backend);
      } catch (error) {
        nexo = failure(error);
        break;
      }
    }
    yield { row: 'runOverhead', readings: { floor: summarise(bare), nexo: nexo ?? summarise(added) } };
  },
};

function spawnNode(bench: Bench, args: readonly string[]): number {
  const options = {
    cwd: bench.scratch.folder,
    env: bench.scratch.environment(),
    input: PROMPT,
    encoding: 'utf8',
  } as const;
  const before = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  const ms = performance.now() - before;
  // A program that falls over at once would be the fastest.
  if (status !== 0 || !stdout.includes(PROMPT))
    throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return ms;
}
